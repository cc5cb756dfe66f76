"""What a household can pay: exact by the month, and no plan asks for more than that."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.agreements.affordability import (
    Budget,
    Every,
    Income,
    Outgoing,
    first_due_after,
    monthly,
    proposals,
)
from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.agreements.terms import check_terms
from fieldsync.domain.money import Money
from tests.agreements.paper import debt

TODAY = date(2026, 11, 24)


def household(comes: int, goes: int) -> Budget:
    """A month in yuan."""
    return Budget({Income.WAGES: Money(comes * 100)}, {Outgoing.HOUSING: Money(goes * 100)}, "CNY")


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every.WEEK, 43_333),
        (Every.FOUR_WEEKS, 10_833),
        (Every.MONTH, 10_000),
        (Every.QUARTER, 3_333),
        (Every.YEAR, 833),
    ],
)
def test_amounts_come_to_the_month(every: Every, expected: int) -> None:
    """A hundred yuan, by 52 weeks, 13 times four weeks, 12, 4 or 1 a year."""
    assert monthly(Money(10_000), every) == Money(expected)


def test_a_tenth_of_what_is_left_stays() -> None:
    """5,200 in, 4,200 out: 900 at most; a household in deficit is asked for nothing."""
    assert household(5200, 4200).affordable == Money(90_000)
    poor = household(3000, 3500)
    assert (poor.surplus, poor.affordable) == (Money(-50_000), Money(0))
    assert proposals(debt(), poor.affordable, HOUSE_MANDATE, date(2026, 12, 15), TODAY) == ()


@settings(max_examples=25)
@given(affordable=st.integers(1, 6_000_000), owed=st.integers(100_00, 10_000_000))
def test_no_plan_asks_for_more_than_is_there(affordable: int, owed: int) -> None:
    """Every instalment fits, every plan may be agreed, the gentlest last; none where 60 months do not do."""
    first_due = date(2026, 12, 15)
    found = proposals(debt(owed), Money(affordable), HOUSE_MANDATE, first_due, TODAY)
    assert len(found) <= 3
    for made in found:
        assert max(row.amount for row in made.instalments) <= Money(affordable)
        assert check_terms(made.terms, debt(owed), HOUSE_MANDATE, TODAY) == ()
    months = [made.terms.months for made in found]
    assert months == sorted(set(months))
    # The last instalment balances: it may be half a fen a month above the others.
    if owed > affordable * 60:
        assert found == ()
    elif owed <= affordable * 60 - 60:
        assert found


@given(today=st.dates(date(2026, 1, 1), date(2030, 12, 31)), pay_day=st.integers(1, 31))
def test_the_first_day_lies_a_week_ahead(today: date, pay_day: int) -> None:
    """The next pay day that leaves a week, never more than five weeks on."""
    first = first_due_after(today, pay_day)
    assert timedelta(days=7) <= first - today <= timedelta(days=38)
    assert first.day == pay_day or (first + timedelta(days=1)).day == 1
