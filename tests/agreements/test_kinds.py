"""Each kind of plan against figures worked out another way: published schedules, the equation, by hand."""

from datetime import date
from decimal import Decimal

import pytest

from fieldsync.adapters.bank_days import announced_until, is_bank_day
from fieldsync.agreements.due_dates import due_days, shifted
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.yearly_rates import yearly_rates
from fieldsync.domain.agreement import (
    Component,
    DebtStatement,
    Grace,
    HolidayShift,
    PlanKind,
    Quote,
    WaivedPart,
)
from fieldsync.domain.money import Money
from tests.agreements.plans import plan

NOTHING = Money(0)


def owed(principal: str, interest: str = "0", fees: str = "0") -> DebtStatement:
    """A debt stated well before the first instalment."""
    parts = [Money.parse(part, "CNY") for part in (principal, interest, fees)]
    return DebtStatement(date(2026, 1, 1), parts[0], parts[1], parts[2], case_version=1)


def shown(made: Quote) -> list[tuple[str, ...]]:
    """Number, principal, interest, amount and balance of each row."""
    return [
        (
            str(row.number),
            *(str(m.decimal) for m in (row.principal, row.interest, row.amount, row.balance)),
        )
        for row in made.instalments
    ]


def test_a_down_payment_comes_first_as_published() -> None:
    """Apache Fineract: 100 with 25 % down, 6 months at 9.99 %, 30/360, half even."""
    chosen = plan(
        PlanKind.ANNUITY,
        6,
        date(2026, 3, 1),
        yearly_rate=Decimal("0.0999"),
        down_payment=Money(2500),
        down_payment_due=date(2026, 2, 1),
    )
    made = shown(quote(owed("100"), chosen))
    assert made[0] == ("0", "25.00", "0.00", "25.00", "75.00")
    assert made[1] == ("1", "12.25", "0.62", "12.87", "62.75")
    assert [row[1:3] for row in made[2:]] == [
        ("12.35", "0.52"),
        ("12.45", "0.42"),
        ("12.55", "0.32"),
        ("12.66", "0.21"),
        ("12.74", "0.11"),
    ]
    assert made[-1][3:] == ("12.85", "0.00")


@pytest.mark.parametrize(
    ("months", "rate", "nominal", "yearly"),
    [
        (12, "0.0060", "13.034", "13.842"),
        (36, "0.0058", "12.759", "13.532"),
    ],
)
def test_a_flat_fee_is_rated_on_what_is_still_owed(
    months: int, rate: str, nominal: str, yearly: str
) -> None:
    """0.6 % a month on the whole debt is 13 % a year, and every row names its fee."""
    made = quote(owed("10000"), plan(PlanKind.FLAT_FEE, months, fee_rate=Decimal(rate)))
    assert {row.fee for row in made.instalments} == {Money(int(Decimal(rate) * 1_000_000))}
    rates = yearly_rates(made)
    assert abs(made.nominal_rate * 100 - Decimal(nominal)) < Decimal("0.002")
    assert abs(made.effective_rate * 100 - Decimal(yearly)) < Decimal("0.002")
    assert rates["irr_nominal"] == made.nominal_rate
    assert abs(rates["actuarial"] - made.nominal_rate) < Decimal("1e-9")
    assert abs(rates["effective"] - made.effective_rate) < Decimal("0.002")


def test_interest_comes_first_and_the_principal_last() -> None:
    """12,000 at 6 %: 60 a month, and 12,060 at the end."""
    rows = quote(owed("12000"), plan(PlanKind.INTEREST_FIRST)).instalments
    assert {row.amount for row in rows[:-1]} == {Money(6_000)}
    assert rows[-1].amount == Money(1_206_000)


def test_a_balloon_stays_to_the_end() -> None:
    """A spreadsheet's PMT(0.06/12, 12, -12000, 3000) is 789.60; the last row holds 3,000 more."""
    rows = quote(owed("12000"), plan(PlanKind.BALLOON, balloon=Money(300_000))).instalments
    assert {row.amount for row in rows[:-1]} == {Money(78_960)}
    assert abs((rows[-1].amount - Money(378_960)).amount_minor) < 12


def test_rising_instalments_rise_and_are_worth_the_debt() -> None:
    """Every six months 5 % more; discounted at the rate, all of them are the debt."""
    made = quote(owed("12000"), plan(PlanKind.STEP_UP, step=Decimal("0.05"), step_months=6))
    first, last = made.instalments[0].amount, made.instalments[-1].amount
    assert abs(last.decimal / first.decimal - Decimal("1.05")) < Decimal("0.001")
    assert abs(made.nominal_rate - Decimal("0.06")) < Decimal("0.0001")


def test_grace_leaves_out_what_it_says() -> None:
    """No principal: interest alone. No interest: nothing is added. Nothing: the months are empty."""
    for grace in Grace:
        rows = quote(
            owed("12000"), plan(PlanKind.DEFERMENT, grace=grace, grace_months=3)
        ).instalments
        if grace is Grace.PRINCIPAL:
            assert {row.amount for row in rows[:3]} == {Money(6_000)}
            assert all(row.principal == NOTHING for row in rows[:3])
        elif grace is Grace.INTEREST:
            assert all(row.interest == NOTHING for row in rows[:3])
            assert all(row.interest > NOTHING for row in rows[3:])
        else:
            assert (len(rows), rows[0].due) == (9, date(2027, 3, 25))


@pytest.mark.parametrize(
    "kind", [PlanKind.TERM_EXTENSION, PlanKind.RATE_REDUCTION, PlanKind.RE_AGE]
)
def test_arrears_bear_no_interest_beside_the_principal(kind: PlanKind) -> None:
    """The rate is charged on the principal alone; added to it, the same debt costs more."""
    debt = owed("10000", "1500", "500")
    beside = quote(debt, plan(kind))
    alone = quote(owed("10000"), plan(PlanKind.ANNUITY))
    added = quote(debt, plan(PlanKind.CAPITALISED_ARREARS))
    assert beside.interest == alone.interest < added.interest
    assert beside.financed == added.financed == Money(1_200_000)


def test_a_settlement_gives_up_what_it_names() -> None:
    """Everything but the principal waived: one payment, no interest, each part accounted for."""
    debt = owed("10000", "1500", "500")
    given = (
        WaivedPart(Component.INTEREST, Money(150_000)),
        WaivedPart(Component.FEES, Money(50_000)),
    )
    made = quote(debt, plan(PlanKind.SETTLEMENT, waived=given))
    assert (made.total_payable, made.waived) == (Money(1_000_000), Money(200_000))
    assert len(made.instalments) == 1


def test_due_days_leave_holidays_and_come_back() -> None:
    """National Day 2026: the 1st moves to the 8th or back to September; the next month is the 1st again.

    Sunday 20 September 2026 is a make-up workday, so nothing moves there.
    """
    day = date(2026, 10, 1)
    assert shifted(day, HolidayShift.NONE, is_bank_day) == day
    assert shifted(day, HolidayShift.FOLLOWING, is_bank_day) == date(2026, 10, 8)
    assert shifted(day, HolidayShift.PRECEDING, is_bank_day) == date(2026, 9, 30)
    assert shifted(date(2026, 1, 31), HolidayShift.MODIFIED_FOLLOWING, is_bank_day) == date(
        2026, 1, 30
    )
    assert shifted(date(2026, 9, 20), HolidayShift.FOLLOWING, is_bank_day) == date(2026, 9, 20)
    months = [shifted(d, HolidayShift.FOLLOWING, is_bank_day) for d in due_days(day, 2)]
    assert months == [date(2026, 10, 8), date(2026, 11, 2)]


def test_beyond_the_announced_calendar_the_statute_holds() -> None:
    """A plan of five years says until when its holidays are announced; National Day is free for ever."""
    chosen = plan(
        PlanKind.ANNUITY, 60, date(2026, 12, 1), holiday_shift=HolidayShift.MODIFIED_FOLLOWING
    )
    made = quote(owed("12000"), chosen, is_bank_day, announced_until())
    assert made.calendar_until == announced_until()
    assert not any(row.due.month == 10 and row.due.day <= 3 for row in made.instalments)


def test_a_calendar_without_working_days_moves_nothing() -> None:
    """A broken calendar never hangs the program."""
    assert shifted(date(2026, 10, 1), HolidayShift.FOLLOWING, lambda _day: False) == date(
        2026, 10, 1
    )
