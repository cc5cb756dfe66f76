"""Opens the hardship team's review the moment a disclosure arrives, with the day by which to answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import chinese_calendar
from sqlalchemy import Connection

from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.sensitive import shown_payload
from fieldsync.domain.hardship_decision import HardshipReview
from fieldsync.domain.working_days import is_weekday, working_day_after
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.hardship_reviews import open_review
from server.workflow.batch_facts import BatchFacts

# The house's rule that stops collection also says in how many working days the team answers.
_RULE, _PARAMETER = "HOUSE-HARDSHIP", "working_days"
_DEFAULT_DAYS = 3


def open_review_of(
    conn: Connection,
    facts: BatchFacts,
    operation: Operation,
    officer_id: str,
    at: datetime,
    rulesets: Sequence[Ruleset],
) -> bool:
    """Note what is owed for a disclosure of a known case, once; whether it was news."""
    case_id = operation.case_id
    if operation.kind != OperationKind.HARDSHIP_DISCLOSE or case_id not in facts.cases:
        return False
    told = shown_payload(operation.payload)["disclosure_id"]
    review = HardshipReview(
        disclosure_id=told or operation.op_id,
        case_id=case_id or "",
        hold_id=operation.op_id,
        officer_id=officer_id,
        opened_at=at,
        due=answer_by(at.astimezone(operation.occurred_at.tzinfo).date(), rulesets),
    )
    # An id that another record used before does not leave this hold without an answer.
    return open_review(conn, review) or open_review(
        conn, replace(review, disclosure_id=operation.op_id)
    )


def answer_by(received: date, rulesets: Sequence[Ruleset]) -> date:
    """The last day to answer what was received that day."""
    days = next(
        (
            rule.parameters[_PARAMETER]
            for ruleset in rulesets
            for rule in ruleset.rules
            if rule.rule_id == _RULE and _PARAMETER in rule.parameters
        ),
        _DEFAULT_DAYS,
    )
    return working_day_after(received, days, is_worked)


def is_worked(day: date) -> bool:
    """Whether offices work that day in mainland China; Monday to Friday in years not announced yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return is_weekday(day)
