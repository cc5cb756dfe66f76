"""What agreement tests share: a made-up debt, terms, a drawn signature and a PNG made by hand."""

import struct
import zlib
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from fieldsync.agreements.facts import CONTRACT_LENDER, DocumentFacts
from fieldsync.agreements.schedule import quote
from fieldsync.domain.agreement import (
    Agreement,
    DebtStatement,
    PlanKind,
    Quote,
    Signature,
    Terms,
)
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer
from fieldsync.locale.agreement_names import PLAN_KINDS

SVG_DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    b'<path d="M20 70 C40 10 60 10 65 60 S90 90 110 40" fill="none" stroke="#102030"/></svg>'
)
SIGNED_AT = datetime(2026, 11, 24, 10, 30, tzinfo=timezone(timedelta(hours=8)))
WITNESSES = (Officer("O-0001", "李明", "SZ"), Officer("O-0002", "陈静", "SZ"))


def debt(owed_minor: int = 4_633_456, as_of: date = date(2026, 11, 20)) -> DebtStatement:
    """A debt whose parts come to `owed_minor` fen."""
    interest, fees = owed_minor // 40, owed_minor // 400
    principal = Money(owed_minor - interest - fees)
    return DebtStatement(as_of, principal, Money(interest), Money(fees), 3)


def terms(
    kind: PlanKind = PlanKind.ANNUITY,
    months: int = 12,
    first_due: date = date(2026, 12, 25),
    rate: str = "0.06",
) -> Terms:
    """Twelve equal instalments at 6 % from Christmas, unless told otherwise."""
    return Terms(kind, months, first_due, Decimal(0 if kind is PlanKind.INTEREST_FREE else rate))


def agreement(signed: Quote | None = None) -> Agreement:
    """A signed agreement whose numbers add up."""
    return Agreement(
        agreement_id="A-1",
        case_id="C-000001",
        visit_id="V-1",
        quote=signed or quote(debt(), terms()),
        witnesses=WITNESSES,
        signature=Signature("a" * 64, "image/svg+xml", SIGNED_AT),
        document_sha256="b" * 64,
        language="zh-CN",
    )


def facts(signed: Quote, language: str = "zh-CN", name: str = "王喆㛃") -> DocumentFacts:
    """What the document states about a made-up borrower."""
    return DocumentFacts(
        agreement_id="0193a000-0000-7000-8000-0000000000aa",
        quote=signed,
        kind_name=PLAN_KINDS[signed.terms.kind],
        lender=CONTRACT_LENDER,
        branch="深圳南山支行",
        debtor_name=name,
        debtor_id_number="440305199001011237",
        address="深圳市南山区科苑路1号",
        account_ref="6222-0001",
        product="credit card",
        place="深圳市南山区科苑路1号",
        signed_at=SIGNED_AT,
        witnesses=WITNESSES,
        language=language,
        hardship_ref="D-7",
    )


def png(width: int = 3, height: int = 2) -> bytes:
    """A grey picture of that size."""
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [_chunk(b"IHDR", head), _chunk(b"IDAT", rows), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum
