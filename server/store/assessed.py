"""Reads what was said of one case for one day: whether it may be visited, and the rules that stop it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from fieldsync.domain.codec import from_json
from fieldsync.domain.verdict import Finding
from server.store.tables import assessments


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The newest answer for a case and a day."""

    eligible: bool
    reasons: tuple[Finding, ...]


def answer_for(conn: Connection, case_id: str, day: date) -> KeptAnswer | None:
    """The answer, or None where the day was never planned with this case."""
    row = conn.execute(
        select(assessments.c.eligible, assessments.c.reasons).where(
            assessments.c.case_id == case_id, assessments.c.day == day
        )
    ).one_or_none()
    if row is None:
        return None
    return KeptAnswer(row.eligible, from_json(row.reasons, tuple[Finding, ...]))
