"""Which officers may hold which cases, and since when."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from server.store.chunks import chunks
from server.store.tables import assignments

# From when to when (None: still) something was so.
Spans = tuple[tuple[datetime, datetime | None], ...]
_SPANS = select(
    assignments.c.case_id, assignments.c.officer_id, assignments.c.since, assignments.c.until
).where(assignments.c.case_id.in_(bindparam("case_ids", expanding=True)))


def officers_of(conn: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The officers with an open assignment to each of these cases; unassigned cases are absent."""
    found: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks(case_ids):
        rows = conn.execute(
            select(assignments.c.case_id, assignments.c.officer_id)
            .where(assignments.c.case_id.in_(chunk), assignments.c.until.is_(None))
            .distinct()
        )
        for row in rows:
            found[row.case_id].append(row.officer_id)
    return {case_id: tuple(sorted(officers)) for case_id, officers in found.items()}


def spans_of(conn: Connection, case_ids: Sequence[str]) -> dict[tuple[str, str], Spans]:
    """By (case id, officer id): from when to when the case was the officer's."""
    found: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for chunk in chunks(case_ids):
        rows = conn.execute(_SPANS, {"case_ids": chunk})
        for row in rows:
            found[row.case_id, row.officer_id].append((row.since, row.until))
    return {key: tuple(spans) for key, spans in found.items()}


def assign(
    conn: Connection, assignment_id: str, case_id: str, officer_id: str, at: datetime
) -> None:
    """Give the case to the officer; the caller makes sure that it is not theirs already."""
    conn.execute(
        insert(assignments).values(
            assignment_id=assignment_id, case_id=case_id, officer_id=officer_id, since=at
        )
    )


def end_assignment(conn: Connection, case_id: str, officer_id: str, at: datetime) -> None:
    """Take the case from the officer; `share_cases` then takes it off the device."""
    conn.execute(
        update(assignments)
        .where(
            assignments.c.case_id == case_id,
            assignments.c.officer_id == officer_id,
            assignments.c.until.is_(None),
        )
        .values(until=at)
    )
