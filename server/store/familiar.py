"""Tells which officers met each borrower last, so that the same faces come again."""

from datetime import datetime

from sqlalchemy import Connection, select

from fieldsync.conduct.visit_outcomes import reached_by
from fieldsync.domain.case import Reached
from fieldsync.domain.codec import from_json
from fieldsync.domain.visit import OutcomeCode
from server.store.tables import cases, visits


def last_met(conn: Connection, branch: str, since: datetime) -> dict[str, tuple[str, ...]]:
    """By case id, the officers of the last visit since then that spoke with the borrower."""
    rows = conn.execute(
        select(visits.c.case_id, visits.c.officers, visits.c.outcome)
        .join(cases, cases.c.case_id == visits.c.case_id)
        .where(
            cases.c.branch == branch, visits.c.started_at >= since, visits.c.outcome.is_not(None)
        )
        .order_by(visits.c.started_at, visits.c.visit_id)
    )
    return {
        row.case_id: from_json(row.officers, tuple[str, ...])
        for row in rows
        if reached_by(OutcomeCode(row.outcome)) is Reached.DEBTOR
    }
