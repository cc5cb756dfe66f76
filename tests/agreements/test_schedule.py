"""Schedules: exact to the minor unit, anchored to the first due day, the last instalment balances."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.adapters.bank_days import announced_until, is_bank_day
from fieldsync.agreements.amortise import rows_of
from fieldsync.agreements.due_dates import due_days
from fieldsync.agreements.schedule import first_month_share, quote
from fieldsync.agreements.verify import NUMBERS_CODE, recomputed
from fieldsync.domain.agreement import DebtStatement, PlanKind, Quote, Terms
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.money import Money, total
from tests.agreements.paper import agreement, debt, terms
from tests.agreements.plans import any_plans


@st.composite
def debts_and_plans(draw: st.DrawFn) -> tuple[DebtStatement, Terms]:
    """A debt of any size, stated up to ninety days before, and sound terms for it."""
    owed = draw(st.integers(1_000_000, 10**12))
    chosen = draw(any_plans(owed))
    return debt(owed, chosen.first_due - timedelta(days=draw(st.integers(0, 90)))), chosen


@given(asked=debts_and_plans())
def test_every_schedule_keeps_its_invariants(asked: tuple[DebtStatement, Terms]) -> None:
    """Principal adds up, the end is zero, nothing is negative, days go forward, cost is not below 0.

    What is waived and what is paid are the debt statement, part by part.
    """
    owed, chosen = asked
    made = quote(owed, chosen)
    rows = made.instalments
    assert [row.number for row in rows if row.number] == list(range(1, rows_of(chosen) + 1))
    assert total([row.principal for row in rows], "CNY") == made.financed
    assert made.financed + made.waived == owed.owed
    assert rows[-1].balance == Money(0)
    assert all(min(r.principal, r.interest, r.balance) >= Money(0) for r in rows)
    assert all(earlier.due < later.due for earlier, later in pairwise(rows))
    assert total([row.amount for row in rows], "CNY") == made.total_payable >= made.financed
    assert made.total_payable == made.financed + made.interest + made.fees
    assert made.effective_rate >= made.nominal_rate >= 0


@given(asked=debts_and_plans())
def test_a_quote_survives_its_own_json(asked: tuple[DebtStatement, Terms]) -> None:
    """What is signed, sent and stored comes back as the same value, to the last digit."""
    made = quote(*asked)
    assert from_json(to_json(made), Quote) == made


@given(asked=debts_and_plans())
def test_every_plan_is_worked_out_again_to_the_digit(asked: tuple[DebtStatement, Terms]) -> None:
    """The server comes to the device's figures, whatever it knows of holidays."""
    made = quote(*asked, is_bank_day, announced_until())
    assert not {p.code for p in recomputed(agreement(made))} & {NUMBERS_CODE}


@given(first=st.dates(date(2020, 1, 1), date(2090, 1, 1)), count=st.integers(1, 120))
def test_due_days_keep_their_day_where_the_month_has_it(first: date, count: int) -> None:
    """Each due day is the first one's day, or the last day of a shorter month."""
    for day in due_days(first, count):
        assert day.day == first.day or (day + timedelta(days=1)).day == 1


def test_the_thirty_first_comes_back_after_february() -> None:
    """31 January is followed by 28 February and 31 March, never by 28 March."""
    assert due_days(date(2027, 1, 31), 3) == (
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    )


def test_an_annuity_is_level_until_the_last_instalment() -> None:
    """Eleven equal instalments, and one that balances within a few fen."""
    amounts = [row.amount.amount_minor for row in quote(debt(), terms()).instalments]
    assert len(set(amounts[:-1])) == 1
    assert abs(amounts[-1] - amounts[0]) <= 12


def test_equal_principal_falls_by_the_interest_saved() -> None:
    """Principal stays, interest falls month by month."""
    rows = quote(debt(), terms(PlanKind.EQUAL_PRINCIPAL)).instalments
    assert len({row.principal for row in rows[:-1]}) == 1
    assert [r.interest for r in rows] == sorted((r.interest for r in rows), reverse=True)


def test_an_interest_free_plan_costs_what_is_owed() -> None:
    """Total payable equals the debt and both rates are zero."""
    made = quote(debt(), terms(PlanKind.INTEREST_FREE))
    assert made.total_payable == made.financed
    assert made.nominal_rate == made.effective_rate == 0
    assert made.rate_method == "none"


def test_waiting_for_the_first_instalment_costs_nothing() -> None:
    """Interest begins one month before the first due day, or at the cut-off where that is later."""
    assert first_month_share(date(2026, 10, 1), date(2026, 12, 25)) == 1
    assert first_month_share(date(2026, 12, 10), date(2026, 12, 25)) == Decimal("0.5")
    assert first_month_share(date(2026, 12, 26), date(2026, 12, 25)) == 0


def test_a_short_first_month_is_rated_by_days() -> None:
    """The method is named, and the rate stays near the nominal one."""
    made = quote(debt(as_of=date(2026, 12, 10)), terms())
    assert made.rate_method == "effective_days"
    assert abs(made.nominal_rate - Decimal("0.06")) < Decimal("0.001")


def test_currencies_without_a_minor_unit_are_whole() -> None:
    """Yen have no hundredths, and the schedule still balances."""
    yen = dataclasses.replace(
        debt(), principal=Money(100_000, "JPY"), interest=Money(1, "JPY"), fees=Money(0, "JPY")
    )
    made = quote(yen, terms(months=7))
    assert total([r.principal for r in made.instalments], "JPY") == Money(100_001, "JPY")


@pytest.mark.parametrize("wrong", [{"months": 0}, {"yearly_rate": Decimal("-0.01")}])
def test_nothing_to_spread_is_an_error(wrong: dict[str, object]) -> None:
    """Terms that no schedule can be made from are refused, not guessed at."""
    with pytest.raises(ValueError, match="schedule needs"):
        quote(debt(), dataclasses.replace(terms(), **wrong))  # type: ignore[arg-type]  # wrong on purpose


def test_a_sound_agreement_has_no_problems() -> None:
    """What the device signed is what the server recomputes."""
    assert recomputed(agreement()) == ()


def _altered(name: str) -> Quote:
    made = quote(debt(), terms())
    first, *rest = made.instalments
    return {
        "instalments": dataclasses.replace(
            made, instalments=(dataclasses.replace(first, interest=Money(1)), *rest)
        ),
        "total_payable": dataclasses.replace(made, total_payable=Money(1)),
        "effective_rate": dataclasses.replace(made, effective_rate=Decimal("0.01")),
        "months": dataclasses.replace(made, terms=terms(months=61)),
        "debt": dataclasses.replace(made, debt=dataclasses.replace(debt(), fees=Money(1, "USD"))),
    }[name]


@pytest.mark.parametrize(
    "field", ["instalments", "total_payable", "effective_rate", "months", "debt"]
)
def test_an_altered_number_is_found(field: str) -> None:
    """Each changed figure is named; nothing is raised, for a signed agreement is a fact."""
    assert field in {problem.field for problem in recomputed(agreement(_altered(field)))}


def test_two_witnesses_are_two_people() -> None:
    """The same collector twice is one witness."""
    signed = agreement()
    alone = dataclasses.replace(signed, witnesses=(signed.witnesses[0],) * 2)
    assert [problem.field for problem in recomputed(alone)] == ["witnesses"]
