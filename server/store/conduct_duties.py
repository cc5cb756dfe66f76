"""Reads, for the conduct report, what the office owed in a span of days: holds, answers, notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, func, select

from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_json
from fieldsync.domain.complaint import Complaint
from server.store.conduct_records import Span
from server.store.conduct_tables import complaints, hardship_reviews, hold_spread, notices
from server.store.tables import (
    agreements,
    cases,
    devices,
    disclosures,
    holds,
    officers,
    operations,
    plans,
    visits,
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is owed by a day, and when it was done, if it was."""

    due: date
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredComplaint:
    """A complaint that came in."""

    branch: str
    about_officers: tuple[str, ...]
    duty: Duty


@dataclass(frozen=True, slots=True)
class Told:
    """An officer other than the one who brought the hold: when told, and when known to know."""

    hold_id: str
    at: datetime
    known_at: datetime | None


def officer_ids(conn: Connection, branch: str | None) -> dict[str, list[str]]:
    """By branch: its officers, in the order of their ids."""
    query = select(officers.c.branch, officers.c.officer_id).order_by(officers.c.officer_id)
    if branch is not None:
        query = query.where(officers.c.branch == branch)
    found: dict[str, list[str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.branch, []).append(row.officer_id)
    return dict(sorted(found.items()))


def visits_of(conn: Connection, span: Span) -> Sequence[Row[Any]]:
    """The visits that began in the span, with their branch."""
    return _of_cases(conn, visits, span, visits.c.started_at)


def holds_set(conn: Connection, span: Span) -> Sequence[Row[Any]]:
    """The holds set in the span."""
    return _of_cases(conn, holds, span, holds.c.since)


def holds_lifted(conn: Connection, span: Span) -> Sequence[Row[Any]]:
    """The holds that were ended in the span."""
    return _of_cases(conn, holds, span, holds.c.lifted_at)


def told_of_holds(conn: Connection, span: Span) -> list[Told]:
    """Who had to learn of the holds of the span. The officer who brought a hold knew it first."""
    brought_by = (
        select(operations.c.op_id, devices.c.officer_id)
        .join(devices, devices.c.device_id == operations.c.device_id)
        .subquery()
    )
    query = (
        select(hold_spread)
        .join(holds, holds.c.hold_id == hold_spread.c.hold_id)
        .join(cases, cases.c.case_id == holds.c.case_id)
        .outerjoin(brought_by, brought_by.c.op_id == hold_spread.c.hold_id)
        .where(
            *span.holds(holds.c.since),
            func.coalesce(brought_by.c.officer_id, "") != hold_spread.c.agent,
        )
        .order_by(hold_spread.c.at)
    )
    return [Told(row.hold_id, row.at, row.known_at) for row in conn.execute(query)]


def disclosed(conn: Connection, span: Span) -> int:
    """How many disclosures were made in the span."""
    query = (
        select(func.count())
        .select_from(disclosures)
        .join(operations, operations.c.op_id == disclosures.c.op_id)
        .join(cases, cases.c.case_id == disclosures.c.case_id)
        .where(*span.holds(operations.c.occurred_at))
    )
    return int(conn.execute(query).scalar_one())


def reviews_opened(conn: Connection, span: Span) -> list[Duty]:
    """The answers that the hardship team came to owe in the span."""
    rows = _of_cases(conn, hardship_reviews, span, hardship_reviews.c.opened_at)
    return [Duty(row.due, row.decided_at) for row in rows]


def complaints_received(conn: Connection, span: Span) -> list[StoredComplaint]:
    """The complaints that came in the span."""
    return [
        StoredComplaint(
            row.branch,
            from_json(row.body, Complaint).about_officers,
            Duty(row.due, row.answered_at),
        )
        for row in _of_cases(conn, complaints, span, complaints.c.received_at)
    ]


def notices_written(conn: Connection, span: Span) -> Sequence[Row[Any]]:
    """The notices of visits that were written in the span."""
    return _of_cases(conn, notices, span, notices.c.written_at)


def agreements_signed(conn: Connection, span: Span) -> list[str]:
    """How the agreements that were signed in the span stand now."""
    query = select(agreements.c.state, agreements.c.body).join(
        cases, cases.c.case_id == agreements.c.case_id
    )
    if span.branch is not None:
        query = query.where(cases.c.branch == span.branch)
    return [
        row.state
        for row in conn.execute(query)
        if span.since <= from_json(row.body, Agreement).signature.signed_at < span.until
    ]


def packs_used(conn: Connection, span: Span) -> dict[str, list[str]]:
    """By rule pack: the versions with which the published days of the span were planned."""
    query = select(plans.c.facts).where(
        plans.c.published_at.is_not(None), plans.c.at >= span.since, plans.c.at < span.until
    )
    if span.branch is not None:
        query = query.where(plans.c.branch == span.branch)
    found: dict[str, set[str]] = {}
    for facts in conn.execute(query).scalars():
        for name, version in msgspec.json.decode(facts)["packs"].items():
            found.setdefault(name, set()).add(version)
    return {name: sorted(versions) for name, versions in sorted(found.items())}


def _of_cases(
    conn: Connection, table: Table, span: Span, instant: ColumnElement[Any]
) -> Sequence[Row[Any]]:
    """The rows of a table about cases, each with its case's branch, in order of the instant."""
    return conn.execute(_with_branch(table).where(*span.holds(instant)).order_by(instant)).all()


def _with_branch(table: Table) -> Any:
    mine = [column for column in table.columns if column.name != "branch"]
    return select(*mine, cases.c.branch).join(cases, cases.c.case_id == table.c.case_id)
