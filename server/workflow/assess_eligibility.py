"""Says of every case of a branch whether it may be visited on a day, and keeps the answer with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from fieldsync.conduct.eligibility import Eligibility, assess
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_json
from server.store.cases import load_branch
from server.store.dialect import upsert
from server.store.tables import assessments


@dataclass(frozen=True, slots=True)
class Assessed:
    """A case with the answer for the day."""

    case: Case
    eligibility: Eligibility


def assess_branch(
    conn: Connection, branch: str, day: date, rulesets: Sequence[Ruleset], at: datetime
) -> list[Assessed]:
    """Assess and store; an earlier answer for the same day is replaced."""
    assessed = [
        Assessed(case, assess(case, day, tuple(rulesets))) for case in load_branch(conn, branch)
    ]
    packs = to_json({pack.name: pack.version for pack in rulesets})
    rows = [
        {
            "branch": branch,
            "day": day,
            "case_id": one.case.case_id,
            "eligible": one.eligibility.eligible,
            "reasons": to_json(one.eligibility.reasons),
            "packs": packs,
            "at": at,
        }
        for one in assessed
    ]
    upsert(conn, assessments, rows, keys=("day", "case_id"))
    return assessed
