"""Says of every case of a branch whether it may be visited on a day, and keeps the answer with its reasons.

A case that only lacks the notice its rules ask for counts as eligible as far as it can still be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from fieldsync.conduct.eligibility import Eligibility, assess
from fieldsync.conduct.notice_needed import may_be_told_from, notice_hours, told_at
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_json
from fieldsync.locale import both
from fieldsync.words import words
from server.store.cases import load_branch
from server.store.dialect import upsert
from server.store.tables import assessments


@dataclass(frozen=True, slots=True)
class Assessed:
    """A case with the answer for the day; `notice_h` are the hours of a notice that must still be given."""

    case: Case
    eligibility: Eligibility
    notice_h: int = 0


def assess_branch(
    conn: Connection, branch: str, day: date, rulesets: Sequence[Ruleset], at: datetime
) -> list[Assessed]:
    """Assess and store; an earlier answer for the same day is replaced."""
    assessed = assessments_of(conn, branch, day, rulesets, at)
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


def assessments_of(
    conn: Connection, branch: str, day: date, rulesets: Sequence[Ruleset], at: datetime
) -> list[Assessed]:
    """Assess as of an instant and store nothing."""
    packs_in_use = tuple(rulesets)
    return [_assessed(case, day, packs_in_use, at) for case in load_branch(conn, branch)]


def _assessed(case: Case, day: date, rulesets: tuple[Ruleset, ...], now: datetime) -> Assessed:
    eligibility = assess(case, day, rulesets)
    hours = notice_hours(rulesets, case.addresses[0] if case.addresses else None)
    if eligibility.eligible or not hours:
        return Assessed(case, eligibility)
    given_at = may_be_told_from(case, now, day, rulesets)
    if given_at is None:
        return Assessed(case, eligibility)
    once_told = assess(told_at(case, day, given_at), day, rulesets)
    if not once_told.eligible:
        return Assessed(case, eligibility)
    return Assessed(case, replace(once_told, why=_why(once_told, hours)), hours)


def _why(once_told: Eligibility, hours: int) -> dict[str, str]:
    """Why it is on the road, and that the borrower is told before."""
    before = both(words("The borrower is told {hours} hours before.", hours=hours))
    after = {"en": " ", "zh-CN": ""}
    return {tag: once_told.why.get(tag, "") + after[tag] + before[tag] for tag in before}
