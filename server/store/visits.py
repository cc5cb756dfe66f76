"""Reads and writes visits as accepted records tell them, and counts them as contact attempts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, bindparam, insert, literal, or_, select, update

from fieldsync.conduct.visit_outcomes import reached_by
from fieldsync.domain.case import Channel, ContactAttempt
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.visit import OutcomeCode, StopCause
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


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A visit as the office sees it; `device_id` is where it is recorded."""

    visit_id: str
    case_id: str
    device_id: str
    address_id: str
    officers: tuple[str, ...]
    started_at: datetime
    expected_end: datetime | None
    identity_shown: bool
    stopped_at: datetime | None
    stop_cause: StopCause | None
    finished_at: datetime | None
    outcome: OutcomeCode | None


@dataclass(frozen=True, slots=True)
class VisitBegin:
    """Who began a visit where; `expected_end` is None where an older program told nothing."""

    visit_id: str
    case_id: str
    device_id: str
    address_id: str
    officers: Sequence[str]
    at: datetime
    expected_end: datetime | None = None


def add_visit(conn: Connection, begun: VisitBegin) -> None:
    """A visit has begun; IntegrityError where one with this id has."""
    conn.execute(
        insert(visits).values(
            visit_id=begun.visit_id,
            case_id=begun.case_id,
            device_id=begun.device_id,
            address_id=begun.address_id,
            officers=to_json(begun.officers),
            started_at=begun.at,
            expected_end=begun.expected_end,
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
            identity_shown=or_(visits.c.identity_shown, literal(end.identity_shown)),
            promise_until=end.promise_until,
        )
    )
    return ended.rowcount == 1


def stop_visit(
    conn: Connection, visit_id: str, case_id: str, *, at: datetime, cause: StopCause
) -> None:
    """Note that a visit was broken off; the first stop counts, and an unknown visit stays so."""
    conn.execute(
        update(visits)
        .where(
            visits.c.visit_id == visit_id,
            visits.c.case_id == case_id,
            visits.c.stopped_at.is_(None),
        )
        .values(stopped_at=at, stop_cause=cause.value)
    )


def visit_of(conn: Connection, visit_id: str) -> StoredVisit | None:
    """A visit as accepted records tell it so far, or None for an unknown one."""
    row = conn.execute(select(visits).where(visits.c.visit_id == visit_id)).first()
    return None if row is None else _to_visit(row)


def note_step(conn: Connection, visit_id: str, case_id: str, *, identity_shown: bool) -> bool:
    """Note a step of a visit under way; False where it never began or is over."""
    noted = conn.execute(
        update(visits)
        .where(
            visits.c.visit_id == visit_id,
            visits.c.case_id == case_id,
            visits.c.finished_at.is_(None),
        )
        .values(identity_shown=or_(visits.c.identity_shown, literal(identity_shown)))
    )
    return noted.rowcount == 1


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


def _to_visit(row: Row[tuple[object, ...]]) -> StoredVisit:
    return StoredVisit(
        visit_id=row.visit_id,
        case_id=row.case_id,
        device_id=row.device_id,
        address_id=row.address_id,
        officers=from_json(row.officers, tuple[str, ...]),
        started_at=row.started_at,
        expected_end=row.expected_end,
        identity_shown=row.identity_shown,
        stopped_at=row.stopped_at,
        stop_cause=StopCause(row.stop_cause) if row.stop_cause else None,
        finished_at=row.finished_at,
        outcome=OutcomeCode(row.outcome) if row.outcome else None,
    )
