"""Finds everything that is owed by some day, straight from the tables that keep it."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, Table, exists, select

from fieldsync.conduct.moratorium import SOURCE
from fieldsync.domain.case import AgreementState
from fieldsync.domain.duty import Duty, DutyKind
from server.store.cases import load_bank_parts
from server.store.conduct_tables import complaints, hardship_reviews
from server.store.tables import cases, holds, visits

_OPEN = "open"
_DECIDED = "decided"


def duties_owed(conn: Connection, now: datetime, branch: str | None = None) -> list[Duty]:
    """Every duty, in no order; `now` in the zone whose days count."""
    zone = now.tzinfo
    if zone is None:
        raise ValueError("now has no offset")
    return [
        *_complaints(conn, branch),
        *_hardship(conn, branch),
        *_holds(conn, now, zone, branch),
        *_promises(conn, zone, branch),
        *_check_outs(conn, zone, branch),
    ]


def _complaints(conn: Connection, branch: str | None) -> Iterable[Duty]:
    query = _with_branch(
        complaints, complaints.c.complaint_id.label("subject"), complaints.c.due, branch=branch
    ).where(complaints.c.state == _OPEN)
    for row in conn.execute(query):
        yield Duty(DutyKind.COMPLAINT, row.due, row.case_id, row.branch, row.subject)


def _hardship(conn: Connection, branch: str | None) -> Iterable[Duty]:
    reviews = hardship_reviews
    query = _with_branch(
        reviews,
        reviews.c.disclosure_id.label("subject"),
        reviews.c.due,
        reviews.c.state,
        branch=branch,
    ).where(reviews.c.state.in_((_OPEN, _DECIDED)))
    for row in conn.execute(query):
        is_open = row.state == _OPEN
        kind = DutyKind.HARDSHIP_ANSWER if is_open else DutyKind.HARDSHIP_REVIEW
        yield Duty(kind, row.due, row.case_id, row.branch, row.subject)


def _holds(conn: Connection, now: datetime, zone: tzinfo, branch: str | None) -> Iterable[Duty]:
    """Holds that end by themselves: whoever is responsible looks at the case before that."""
    query = _with_branch(
        holds, holds.c.hold_id.label("subject"), holds.c.until, holds.c.source, branch=branch
    ).where(holds.c.lifted_at.is_(None), holds.c.until >= now)
    for row in conn.execute(query):
        is_moratorium = row.source.startswith(SOURCE)
        kind = DutyKind.MORATORIUM_ENDS if is_moratorium else DutyKind.HOLD_ENDS
        due = _day(row.until, zone)
        yield Duty(kind, due, row.case_id, row.branch, row.subject, row.until.astimezone(zone))


def _promises(conn: Connection, zone: tzinfo, branch: str | None) -> Iterable[Duty]:
    """Promises of the last visit to a case, until money came or a plan was signed."""
    later = visits.alias()
    query = _with_branch(
        visits,
        visits.c.visit_id.label("subject"),
        visits.c.promise_until,
        visits.c.started_at,
        branch=branch,
    ).where(
        visits.c.promise_until.is_not(None),
        ~exists().where(
            later.c.case_id == visits.c.case_id, later.c.started_at > visits.c.started_at
        ),
    )
    rows = conn.execute(query).all()
    known = load_bank_parts(conn, sorted({row.case_id for row in rows}))
    for row in rows:
        case = known[row.case_id]
        said_on = _day(row.started_at, zone)
        paid = any(payment.on >= said_on for payment in case.payments)
        if not paid and case.agreement_state is not AgreementState.PERFORMING:
            yield Duty(DutyKind.PROMISE, row.promise_until, row.case_id, row.branch, row.subject)


def _check_outs(conn: Connection, zone: tzinfo, branch: str | None) -> Iterable[Duty]:
    """Visits under way: officers who have not come out yet."""
    query = _with_branch(
        visits, visits.c.visit_id.label("subject"), visits.c.expected_end, branch=branch
    ).where(visits.c.finished_at.is_(None), visits.c.expected_end.is_not(None))
    for row in conn.execute(query):
        due = _day(row.expected_end, zone)
        yield Duty(
            DutyKind.CHECK_OUT,
            due,
            row.case_id,
            row.branch,
            row.subject,
            row.expected_end.astimezone(zone),
        )


def _with_branch(table: Table, *columns: Any, branch: str | None) -> Select[Any]:
    query = select(table.c.case_id, cases.c.branch, *columns).join(
        cases, cases.c.case_id == table.c.case_id
    )
    return query if branch is None else query.where(cases.c.branch == branch)


def _day(instant: datetime, zone: tzinfo) -> date:
    return instant.astimezone(zone).date()
