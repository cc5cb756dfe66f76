"""Counts the demo's day from the server's store and the devices' local copies, never from the script."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, func, select

from fieldsync.domain.case import Case
from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Itinerary
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.outcome import OutcomeKind
from server.store.cases import load_branch
from server.store.engine import reading
from server.store.tables import (
    agreements,
    assessments,
    cases,
    devices,
    disclosures,
    holds,
    imports,
    itineraries,
    operations,
)


class DeviceCopy(Protocol):
    """What a device tells of itself, through its own program: the database is encrypted."""

    def recorded(self) -> list[str]:
        """The ids of every record on it."""
        ...

    def is_stopped(self, case_id: str) -> bool:
        """Whether it holds the case with its stop, or does not hold the case at all."""
        ...


def count_day(
    engine: Engine,
    copies: Sequence[DeviceCopy],
    *,
    branch: str,
    day: date,
    next_day: date,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """The figures of `summary.json`; `copies` are the devices."""
    with reading(engine) as conn:
        planned = _itineraries(conn, branch, day)
        return {
            **_book(conn, branch, day),
            **_plan(conn, planned, branch, day),
            "devices": _count(conn, devices),
            **_operations(conn, copies),
            "disclosures": _count(conn, disclosures),
            "holds_everywhere": _holds_everywhere(conn, copies, next_day),
            "agreements_signed": _count(conn, agreements),
            "refused_by_rule": _count(
                conn, operations, operations.c.kind == OperationKind.VISIT_REFUSED.value
            ),
            "seconds": dict(seconds),
        }


def _count(conn: Connection, table: Any, *where: Any) -> int:
    return conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _book(conn: Connection, branch: str, day: date) -> dict[str, int]:
    rejected = conn.execute(
        select(func.coalesce(func.sum(imports.c.cases_rejected), 0))
    ).scalar_one()
    return {
        "cases_imported": _count(conn, cases, cases.c.branch == branch),
        "cases_rejected": rejected,
        "cases_eligible": _count(
            conn,
            assessments,
            assessments.c.branch == branch,
            assessments.c.day == day,
            assessments.c.eligible,
        ),
    }


def _itineraries(conn: Connection, branch: str, day: date) -> list[Itinerary]:
    """The live version of each itinerary of the day."""
    rows = conn.execute(
        select(itineraries.c.itinerary_id, itineraries.c.body)
        .where(itineraries.c.branch == branch, itineraries.c.day == day)
        .order_by(itineraries.c.version)
    )
    return list({row.itinerary_id: from_json(row.body, Itinerary) for row in rows}.values())


def _plan(conn: Connection, planned: Sequence[Itinerary], branch: str, day: date) -> dict[str, int]:
    stops = [stop for itinerary in planned for stop in itinerary.stops]
    kept = {stop.case_id for stop in stops if stop.is_appointment}
    eligible = set(
        conn.execute(
            select(assessments.c.case_id).where(
                assessments.c.branch == branch, assessments.c.day == day, assessments.c.eligible
            )
        ).scalars()
    )
    agreed = {c.case_id for c in load_branch(conn, branch) if _is_appointed(c, day)}
    return {
        "stops_planned": len(stops),
        "appointments_planned": len(kept),
        "appointments_missed": len((agreed & eligible) - kept),
    }


def _is_appointed(case: Case, day: date) -> bool:
    """Whether the borrower asked for a visit on that day, at the place's own date."""
    return case.appointment is not None and case.appointment.window.start.date() == day


def _operations(conn: Connection, copies: Sequence[DeviceCopy]) -> dict[str, int]:
    recorded = [op_id for copy in copies for op_id in copy.recorded()]
    stored = list(conn.execute(select(operations.c.op_id)).scalars())
    applied = [
        *conn.execute(select(disclosures.c.op_id)).scalars(),
        *conn.execute(select(agreements.c.op_id)).scalars(),
    ]
    duplicated = len(stored) - len(set(stored)) + len(applied) - len(set(applied))

    def ended(kind: OutcomeKind) -> int:
        return _count(conn, operations, operations.c.outcome == kind.value)

    return {
        "operations_recorded": len(recorded),
        "operations_accepted": ended(OutcomeKind.ACCEPTED),
        "operations_in_review": ended(OutcomeKind.IN_REVIEW),
        "operations_rejected": ended(OutcomeKind.REJECTED),
        "operations_lost": len(set(recorded) - set(stored)),
        "operations_duplicated": duplicated,
    }


def _holds_everywhere(conn: Connection, copies: Sequence[DeviceCopy], next_day: date) -> int:
    """How many disclosures stop collection on the server, in the next plan and on every device."""
    told = set(conn.execute(select(disclosures.c.case_id)).scalars())
    held = set(conn.execute(select(holds.c.case_id).where(holds.c.lifted_at.is_(None))).scalars())
    on_the_road = set(
        conn.execute(
            select(assessments.c.case_id).where(
                assessments.c.day == next_day, assessments.c.eligible
            )
        ).scalars()
    )
    return sum(
        case_id in held
        and case_id not in on_the_road
        and all(copy.is_stopped(case_id) for copy in copies)
        for case_id in told
    )
