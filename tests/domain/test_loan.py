"""How overdue a loan is grows with the days since the bank said so, and never out of nothing."""

from datetime import date

import pytest

from fieldsync.domain.case import Loan
from fieldsync.domain.money import Money

STATED = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("stated", "day", "overdue"),
    [
        (90, date(2026, 11, 24), 94),
        (90, STATED, 90),
        (90, date(2026, 11, 1), 90),
        (0, date(2026, 12, 24), 0),
    ],
)
def test_days_past_due_grow_from_the_statement(stated: int, day: date, overdue: int) -> None:
    """Days since the statement are added; a day before it, or a loan in order, changes nothing."""
    nothing = Money(0)
    loan = Loan("A-1", "card", Money(100), nothing, nothing, stated, STATED)
    assert loan.days_past_due_on(day) == overdue
