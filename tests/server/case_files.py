"""Cases and payloads for the server's tests: small, whole and lawful unless a test says otherwise."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fieldsync.agreements.schedule import quote
from fieldsync.domain.agreement import Agreement, DebtStatement, PlanKind, Signature, Terms
from fieldsync.domain.case import Borrower, Case, Channel, ContactAttempt, Loan, Reached
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer
from fieldsync.domain.place import Address, AddressKind, Point

SHENZHEN = ZoneInfo("Asia/Shanghai")


def case_file(case_id: str = "C-1", version: int = 1, principal: int = 1_200_000) -> Case:
    """A card debt of 12,000 yuan by default, home address known, nobody reached in three ways."""
    return Case(
        case_id=case_id,
        branch="SZ-NANSHAN",
        borrower=Borrower("李梅", "440305198001011234"),
        loan=Loan(
            "62****1",
            "card",
            Money(principal),
            Money(0),
            Money(0),
            95,
            date(2026, 11, 20),
        ),
        addresses=(Address("home", AddressKind.HOME, "南山区1号", Point(22.5, 113.9)),),
        contacts=tuple(
            ContactAttempt(
                datetime(2026, 11, 10 + day, 11, 0, tzinfo=SHENZHEN), channel, Reached.NONE
            )
            for day, channel in enumerate((Channel.CALL, Channel.SMS, Channel.LETTER) * 2)
        ),
        version=version,
    )


def visit_start(visit_id: str, *officers: str) -> dict[str, Any]:
    """The start of a visit at home."""
    return {"visit_id": visit_id, "address_id": "home", "officers": list(officers), "packs": {}}


def visit_finish(visit_id: str, outcome: str = "MET_DEBTOR") -> dict[str, Any]:
    """The end of a visit."""
    return {"visit_id": visit_id, "outcome": outcome, "identity_shown": True, "promise": None}


def disclosure(disclosure_id: str, case_id: str, at: datetime) -> dict[str, Any]:
    """The borrower fell ill and needs time."""
    told = Disclosure(disclosure_id, case_id, None, at, "debtor", (Need.TIME,))
    return dict(to_builtins(told))


def agreement(
    agreement_id: str, case: Case, at: datetime, witnesses: tuple[Officer, ...], files: list[str]
) -> dict[str, Any]:
    """Twelve instalments without interest over the case's debt; `files` are document and signature."""
    loan = case.loan
    debt = DebtStatement(loan.as_of, loan.principal, loan.interest, loan.fees, case.version)
    terms = Terms(PlanKind.INTEREST_FREE, 12, date(2026, 12, 25))
    signed = Agreement(
        agreement_id=agreement_id,
        case_id=case.case_id,
        visit_id=None,
        quote=quote(debt, terms),
        witnesses=witnesses,
        signature=Signature(files[1], "image/png", at),
        document_sha256=files[0],
        language="zh-CN",
    )
    return dict(to_builtins(signed))
