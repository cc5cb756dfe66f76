"""Gives officers exactly the cases of their itineraries, opening and ending assignments as needed."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from server.store.assignments import assign, end_assignment
from server.store.tables import assignments


def assign_cases(
    conn: Connection,
    new_id: Callable[[], str],
    scope: Mapping[str, frozenset[str]],
    at: datetime,
) -> list[str]:
    """Bring the officers' open assignments to `scope` (case ids by officer); the cases that changed.

    Officers who are not in `scope` keep what they have. An assignment is ended, never deleted:
    what an officer did with a case while it was theirs stays theirs to tell.
    """
    rows = conn.execute(
        select(assignments.c.officer_id, assignments.c.case_id).where(
            assignments.c.officer_id.in_(sorted(scope)), assignments.c.until.is_(None)
        )
    )
    have = {(row.officer_id, row.case_id) for row in rows}
    want = {(officer, case_id) for officer, case_ids in scope.items() for case_id in case_ids}
    for officer, case_id in sorted(want - have):
        assign(conn, new_id(), case_id, officer, at)
    for officer, case_id in sorted(have - want):
        end_assignment(conn, case_id, officer, at)
    return sorted({case_id for _, case_id in want ^ have})
