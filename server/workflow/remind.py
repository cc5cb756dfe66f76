"""Reminds borrowers who asked for it of the next due day: once an instalment, discreetly, by day.

The letter names no amount and no debt: somebody else may see it first.
"""

import html
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from fieldsync.agreements.ledger import KeptInstalment
from fieldsync.domain.agreement import PlanState
from fieldsync.domain.case import Case, HoldKind
from fieldsync.domain.notice import Letter
from fieldsync.errors import UnreachableError
from fieldsync.locale import render
from fieldsync.locale.long_dates import long_date
from fieldsync.ports import Notifier
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import load_case
from server.store.engine import reading, writing
from server.store.retrying import retried
from server.store.tables import agreement_reminders
from server.workflow.agreements_kept import KeptAgreement, follow

# Nobody is written to before eight or after eight in the evening (house rule, as for notices).
_FIRST_HOUR, _LAST_HOUR = 8, 20
_HOME_ZONE = "Asia/Shanghai"
_GIVEN, _SENDING = "given", "sending"


@dataclass(frozen=True, slots=True)
class Reminded:
    """A plan whose borrower was, or would be, reminded of this due day; `error` where it failed."""

    agreement_id: str
    case_id: str
    due: date
    error: UnreachableError | None = None


def remind(ctx: ServerContext, notifier: Notifier, *, dry_run: bool = False) -> list[Reminded]:
    """Write to everybody whose next instalment is due within the settings' days and who asked for it.

    None is told twice of one instalment, none after the plan is over, late or under a hardship hold,
    and none at night; whoever is left out by the hour is asked for again at the next run.
    """
    now = ctx.clock.now()
    found = []
    for one in follow(ctx, state=PlanState.PERFORMING):
        row = one.kept.next_row
        if row is None or not _is_soon(row, now.date(), ctx.config.reminder_days):
            continue
        told = _tell(ctx, one, row, notifier, dry_run=dry_run)
        if told is not None:
            found.append(told)
    return found


def _is_soon(row: KeptInstalment, today: date, days: int) -> bool:
    return timedelta(0) < row.instalment.due - today <= timedelta(days=days)


def _tell(
    ctx: ServerContext,
    one: KeptAgreement,
    row: KeptInstalment,
    notifier: Notifier,
    *,
    dry_run: bool,
) -> Reminded | None:
    agreement = one.stored.agreement
    with reading(ctx.engine) as conn:
        case = load_case(conn, agreement.case_id)
        known = _state(conn, agreement.agreement_id, row.instalment.number)
    is_open = known is None or (known == _SENDING and notifier.repeatable)
    if case is None or not agreement.reminders or not is_open or not _may_be_told(ctx, case):
        return None
    told = Reminded(agreement.agreement_id, case.case_id, row.instalment.due)
    if dry_run:
        return told
    _claim(ctx, agreement.agreement_id, row.instalment.number)
    try:
        notifier.give(_letter(ctx, case, one, row))
    except UnreachableError as error:
        return Reminded(told.agreement_id, told.case_id, told.due, error)
    _keep(ctx, agreement.agreement_id, row.instalment.number)
    return told


def _may_be_told(ctx: ServerContext, case: Case) -> bool:
    if any(hold.kind is HoldKind.HARDSHIP for hold in case.holds):
        return False
    zone = ZoneInfo(case.addresses[0].zone if case.addresses else _HOME_ZONE)
    return _FIRST_HOUR <= ctx.clock.now().astimezone(zone).hour < _LAST_HOUR


def _state(conn: Connection, agreement_id: str, number: int) -> str | None:
    table = agreement_reminders.c
    query = select(table.state).where(table.agreement_id == agreement_id, table.number == number)
    found = conn.execute(query).scalar()
    return None if found is None else str(found)


@retried
def _claim(ctx: ServerContext, agreement_id: str, number: int) -> None:
    """Said before it is done: a program that dies in between tells nobody twice."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        if _state(conn, agreement_id, number) is None:
            conn.execute(
                insert(agreement_reminders).values(
                    agreement_id=agreement_id, number=number, state=_SENDING, at=now
                )
            )


@retried
def _keep(ctx: ServerContext, agreement_id: str, number: int) -> None:
    now, table = ctx.clock.now(), agreement_reminders.c
    with writing(ctx.engine) as conn:
        conn.execute(
            update(agreement_reminders)
            .where(table.agreement_id == agreement_id, table.number == number)
            .values(state=_GIVEN, at=now)
        )
        record(
            conn,
            at=now,
            actor="server",
            action="agreement.reminded",
            subject=agreement_id,
            detail={"instalment": number},
        )


def _letter(ctx: ServerContext, case: Case, one: KeptAgreement, row: KeptInstalment) -> Letter:
    agreement, lender = one.stored.agreement, ctx.config.lender
    tag = agreement.language
    name = case.borrower.name
    parts = (
        words("Dear {name},", name=name),
        words(
            "you asked us to remind you: {day} is the next day of what we agreed.",
            day=long_date(row.instalment.due, tag),
        ),
        words(
            "If it cannot be kept this time, please call {phone} before: a new way can be found.",
            phone=lender.phone,
        ),
        words("If it is done already, thank you; nothing more is needed."),
    )
    text = "\n\n".join(render(part, tag) for part in (*parts,)) + f"\n\n{lender.name}"
    blocks = "\n".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n"))
    subject = render(words("Personal, for {name} only", name=name), tag)
    return Letter(
        notice_id=f"{agreement.agreement_id}-{row.instalment.number}",
        recipient=name,
        address=case.addresses[0].text if case.addresses else "",
        phones=case.borrower.phones,
        subject=subject,
        text=text,
        html=(
            f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{html.escape(subject)}</title>\n</head>\n<body>\n{blocks}\n</body>\n</html>\n"
        ),
    )
