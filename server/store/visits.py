"""Reads and writes visits as accepted records tell them, and counts them as contact attempts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from fieldsync.conduct.visit_outcomes import reached_by
from fieldsync.domain.case import Channel, ContactAttempt
from fieldsync.domain.codec import to_json
from fieldsync.domain.visit import OutcomeCode
from server.store.tables import visits

_OF_CASES = (
    select(visits)
    .where(visits.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(visits.c.started_at, visits.c.visit_id)
)


@dataclass(frozen=True, slots=True)
class VisitEnd:
    """How a visit ended; `promise_until` is the day by which the borrower promised to pay."""

    visit_id: str
    case_id: str
    at: datetime
    outcome: OutcomeCode
    identity_shown: bool
    promise_until: date | None


def add_visit(
    conn: Connection,
    *,
    visit_id: str,
    case_id: str,
    device_id: str,
    address_id: str,
    officers: Sequence[str],
    at: datetime,
) -> None:
    """A visit has begun; IntegrityError where one with this id has."""
    conn.execute(
        insert(visits).values(
            visit_id=visit_id,
            case_id=case_id,
            device_id=device_id,
            address_id=address_id,
            officers=to_json(officers),
            started_at=at,
            identity_shown=False,
        )
    )


def end_visit(conn: Connection, end: VisitEnd) -> bool:
    """Close a visit; False, with nothing changed, where it never began or is closed already."""
    ended = conn.execute(
        update(visits)
        .where(
            visits.c.visit_id == end.visit_id,
            visits.c.case_id == end.case_id,
            visits.c.finished_at.is_(None),
        )
        .values(
            finished_at=end.at,
            outcome=end.outcome.value,
            identity_shown=end.identity_shown,
            promise_until=end.promise_until,
        )
    )
    return ended.rowcount == 1


def address_of_visit(conn: Connection, visit_id: str) -> str | None:
    """The id of the address a visit went to, or None for an unknown visit."""
    query = select(visits.c.address_id).where(visits.c.visit_id == visit_id)
    return conn.execute(query).scalar()


def attempts_by_case(
    conn: Connection, case_ids: Sequence[str]
) -> dict[str, tuple[ContactAttempt, ...]]:
    """The visits made, as the contact history counts them; one under way has reached nobody yet."""
    rows = conn.execute(_OF_CASES, {"case_ids": list(case_ids)})
    found: dict[str, list[ContactAttempt]] = defaultdict(list)
    for row in rows:
        outcome = OutcomeCode(row.outcome) if row.outcome else None
        found[row.case_id].append(
            ContactAttempt(
                row.started_at,
                Channel.VISIT,
                reached_by(outcome),
                promise_until=row.promise_until,
            )
        )
    return {case_id: tuple(attempts) for case_id, attempts in found.items()}
