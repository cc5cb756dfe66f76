"""Payments on a plan: allocated to the fen, whatever order they come in; breach only after its grace."""

import random
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.agreements.ledger import (
    InstalmentState,
    Ledger,
    PlanStanding,
    early_repayment,
    ledger,
)
from fieldsync.agreements.schedule import quote
from fieldsync.domain.agreement import Component, PlanRules
from fieldsync.domain.case import Payment
from fieldsync.domain.money import Money
from tests.agreements.paper import debt, terms

SIGNED = date(2026, 11, 24)
PLAN = quote(debt(), terms())
RULES = PlanRules()
LEVEL = PLAN.instalments[0].amount
WORST_FIRST = [
    PlanStanding.BREACHED,
    PlanStanding.AT_RISK,
    PlanStanding.PERFORMING,
    PlanStanding.SETTLED,
]


def on(day: date, *payments: Payment) -> Ledger:
    """The plan on that day."""
    return ledger(PLAN, RULES, payments, day)


def paid(day: date, amount: Money, name: str = "") -> Payment:
    """A payment; two of a day need names."""
    return Payment(name or day.isoformat(), day, amount)


_PAYMENTS = st.lists(
    st.builds(
        Payment,
        st.uuids().map(str),
        st.dates(SIGNED - timedelta(days=30), SIGNED + timedelta(days=420)),
        st.integers(1, 3_000_000).map(Money),
    ),
    max_size=15,
    unique_by=lambda payment: payment.payment_id,
)
_DAYS = st.dates(SIGNED, SIGNED + timedelta(days=420))


@settings(max_examples=60)
@given(payments=_PAYMENTS, day=_DAYS, seed=st.integers(0, 9))
def test_every_fen_is_allocated_once(payments: list[Payment], day: date, seed: int) -> None:
    """What came is on instalments or a credit; the order of import changes nothing; no part is negative."""
    kept = on(day, *payments)
    shuffled = list(payments)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - any order will do
    assert on(day, *shuffled, *payments) == kept
    allocated = sum(row.paid.amount_minor for row in kept.rows)
    assert allocated + kept.credit.amount_minor == kept.received.amount_minor
    counted = [p.amount.amount_minor for p in payments if PLAN.debt.as_of < p.on <= day]
    assert kept.received.amount_minor == sum(counted)
    for row in kept.rows:
        by_part = dict(row.parts)
        assert min(amount.amount_minor for amount in by_part.values()) >= 0
        assert by_part[Component.PRINCIPAL] <= row.instalment.principal
        assert (row.state is InstalmentState.PAID) == (row.left == Money(0))
    assert kept.left == PLAN.total_payable - Money(allocated)


@settings(max_examples=60)
@given(payments=_PAYMENTS, more=_PAYMENTS, day=_DAYS)
def test_more_money_never_makes_a_plan_worse(
    payments: list[Payment], more: list[Payment], day: date
) -> None:
    """A payment only ever helps."""
    before, after = on(day, *payments).standing, on(day, *payments, *more).standing
    assert WORST_FIRST.index(after) >= WORST_FIRST.index(before)


@given(payments=_PAYMENTS, day=_DAYS)
def test_no_plan_is_broken_before_its_grace(payments: list[Payment], day: date) -> None:
    """Two in a row must be unpaid ten days after the second one's due day."""
    second = PLAN.instalments[1].due + timedelta(days=RULES.grace_days)
    if on(day, *payments).standing is PlanStanding.BREACHED:
        assert day > second


def test_a_year_that_is_kept_ends_settled() -> None:
    """Each instalment on its day: never late, and at the end nothing is left."""
    payments = [paid(row.due, row.amount) for row in PLAN.instalments]
    for row in PLAN.instalments[:-1]:
        assert on(row.due, *payments).standing is PlanStanding.PERFORMING
    last = on(PLAN.instalments[-1].due, *payments)
    assert (last.standing, last.left, last.credit) == (PlanStanding.SETTLED, Money(0), Money(0))
    assert all(row.days_late == 0 for row in last.rows)


def test_a_plan_breaks_by_its_own_rule_only() -> None:
    """One missed month is a risk; the second is a breach once its ten days are over; paying mends it."""
    first, second = PLAN.instalments[0].due, PLAN.instalments[1].due
    assert on(first).standing is PlanStanding.PERFORMING
    assert on(first + timedelta(days=1)).standing is PlanStanding.AT_RISK
    assert on(second + timedelta(days=10)).standing is PlanStanding.AT_RISK
    broken = second + timedelta(days=11)
    assert on(broken).standing is PlanStanding.BREACHED
    assert on(broken, paid(broken, LEVEL)).standing is PlanStanding.AT_RISK


def test_interest_is_paid_before_principal() -> None:
    """Within an instalment the plan's own order holds, and what is over goes to the next."""
    row = PLAN.instalments[0]
    some = Money(row.interest.amount_minor + 5)
    kept = on(row.due, paid(row.due, some)).rows[0]
    assert dict(kept.parts)[Component.INTEREST] == row.interest
    assert dict(kept.parts)[Component.PRINCIPAL] == Money(5)
    assert kept.state is InstalmentState.PART_PAID
    assert on(row.due, paid(row.due, row.amount + Money(7))).rows[1].paid == Money(7)


def test_paying_early_saves_the_interest_of_later_months() -> None:
    """On the day before interest begins only the principal is due; at the end nothing is saved."""
    before = PLAN.instalments[0].due - timedelta(days=31)
    assert early_repayment(PLAN, on(SIGNED), before) == PLAN.financed
    end = PLAN.instalments[-1].due
    assert early_repayment(PLAN, on(end), end) == PLAN.total_payable
    middle = PLAN.instalments[5].due
    payments = [paid(row.due, row.amount) for row in PLAN.instalments[:6]]
    assert early_repayment(PLAN, on(middle, *payments), middle) == PLAN.instalments[5].balance
