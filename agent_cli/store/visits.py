"""The visits this device has made: which is going on, and how the others ended."""

from datetime import date, datetime

from agent_cli.cipher import sqlite3
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.visit import Visit, VisitState


def save(conn: sqlite3.Connection, visit: Visit, op_id: str) -> None:
    """Keep a visit as it now stands, in the transaction that records the step."""
    conn.execute(
        "INSERT INTO visits (visit_id, case_id, body, started_at, state, op_id)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (visit_id)"
        " DO UPDATE SET body = excluded.body, state = excluded.state, op_id = excluded.op_id",
        (
            visit.visit_id,
            visit.case_id,
            to_json(visit),
            visit.started_at.isoformat(),
            visit.state.value,
            op_id,
        ),
    )


def running(conn: sqlite3.Connection, case_id: str | None = None) -> Visit | None:
    """The visit that is going on (of this case), or None."""
    row = conn.execute(
        "SELECT body FROM visits WHERE state = ?1 AND (?2 IS NULL OR case_id = ?2)"
        " ORDER BY started_at DESC LIMIT 1",
        (VisitState.STARTED.value, case_id),
    ).fetchone()
    return None if row is None else from_json(row["body"], Visit)


def of_case(conn: sqlite3.Connection, case_id: str) -> tuple[Visit, ...]:
    """Every visit to a case, oldest first."""
    rows = conn.execute(
        "SELECT body FROM visits WHERE case_id = ? ORDER BY started_at, visit_id", (case_id,)
    )
    return tuple(from_json(row["body"], Visit) for row in rows)


def of_day(conn: sqlite3.Connection, day: date) -> tuple[Visit, ...]:
    """Every visit begun on a day of the device's own calendar, oldest first."""
    rows = conn.execute("SELECT body, started_at FROM visits ORDER BY started_at, visit_id")
    return tuple(
        from_json(row["body"], Visit)
        for row in rows
        if datetime.fromisoformat(row["started_at"]).date() == day
    )


def last_operation(conn: sqlite3.Connection, visit_id: str) -> str | None:
    """The id of the operation that last changed the visit, for `depends_on`."""
    row = conn.execute("SELECT op_id FROM visits WHERE visit_id = ?", (visit_id,)).fetchone()
    return None if row is None else str(row["op_id"])
