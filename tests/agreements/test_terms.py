"""Terms are judged whole: every problem is named at once, with its code, field and way out."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from fieldsync.agreements.terms import (
    HOUSE_MANDATE,
    Mandate,
    check_terms,
    require_terms,
    terms_of,
)
from fieldsync.domain.agreement import DebtStatement, PlanKind, Terms
from fieldsync.domain.money import Money
from fieldsync.errors import EXIT_USAGE, InputError
from fieldsync.locale import render
from tests.agreements.paper import debt, terms

TODAY = date(2026, 11, 24)


def codes(
    chosen: Terms, owed: DebtStatement | None = None, mandate: Mandate = HOUSE_MANDATE
) -> list[str]:
    """The codes of everything wrong with the terms."""
    return [problem.code for problem in check_terms(chosen, owed or debt(), mandate, TODAY)]


def test_usual_terms_are_fine() -> None:
    """Twelve months at 6 % may be agreed."""
    assert codes(terms()) == []


@pytest.mark.parametrize("kind", list(PlanKind))
@pytest.mark.parametrize("months", [1, 60])
@pytest.mark.parametrize("first_due", [date(2026, 11, 25), date(2027, 1, 23)])
def test_the_edges_of_the_mandate_belong_to_it(
    kind: PlanKind, months: int, first_due: date
) -> None:
    """One to sixty months, tomorrow to sixty days from today, any kind."""
    assert codes(terms(kind, months, first_due)) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"months": 0}, "422.42"),
        ({"months": -3}, "422.42"),
        ({"months": 61}, "422.42"),
        ({"first_due": TODAY}, "422.43"),
        ({"first_due": date(2026, 11, 1)}, "422.43"),
        ({"first_due": date(2027, 1, 24)}, "422.43"),
        ({"yearly_rate": Decimal("0.19")}, "422.45"),
        ({"yearly_rate": Decimal("-0.01")}, "422.45"),
        ({"yearly_rate": Decimal("NaN")}, "422.45"),
        ({"yearly_rate": Decimal("Infinity")}, "422.45"),
        ({"kind": PlanKind.INTEREST_FREE}, "422.45"),
    ],
)
def test_each_wrong_term_is_named(wrong: dict[str, object], code: str) -> None:
    """One wrong thing, one code."""
    assert codes(dataclasses.replace(terms(), **wrong)) == [code]  # type: ignore[arg-type]  # a table of wrong terms


@pytest.mark.parametrize("amounts", [(0, 0, 0), (-100, 0, 0), (500, -600, 0), (1000, -1, 0)])
def test_a_debt_that_is_none_is_named(amounts: tuple[int, int, int]) -> None:
    """Nothing owed, or a negative part, cannot be spread."""
    principal, interest, fees = map(Money, amounts)
    owed = dataclasses.replace(debt(), principal=principal, interest=interest, fees=fees)
    assert codes(terms(), owed) == ["422.41"]


def test_an_instalment_is_at_least_a_unit() -> None:
    """Five yuan over twelve months would be instalments of 42 fen; the way out names 5 months."""
    (problem,) = check_terms(terms(), debt(500), HOUSE_MANDATE, TODAY)
    assert (problem.code, problem.hint.facts["most"]) == ("422.46", 5)


def test_a_kind_outside_the_mandate_is_named() -> None:
    """A mandate may leave a kind out."""
    narrow = Mandate(kinds=frozenset({PlanKind.INTEREST_FREE}))
    assert codes(terms(), mandate=narrow) == ["422.44"]


def test_everything_wrong_is_said_at_once_in_both_languages() -> None:
    """An officer who typed three wrong things hears of all three, in one error."""
    wrong = Terms(PlanKind.ANNUITY, 90, date(2026, 1, 1), Decimal(3))
    with pytest.raises(InputError) as caught:
        require_terms(wrong, debt(), HOUSE_MANDATE, TODAY)
    error = caught.value
    assert (error.code, error.exit_code) == ("422.40", EXIT_USAGE)
    assert error.details["problems"] == [
        {"code": "422.42", "field": "months"},
        {"code": "422.43", "field": "first_due"},
        {"code": "422.45", "field": "yearly_rate"},
    ]
    assert len(render(error.message, "en").splitlines()) == 4
    assert "不能约定 90 个月" in render(error.message, "zh-CN")


def test_a_rate_left_out_is_the_usual_one_or_none() -> None:
    """Interest-free plans bear none; the others the mandate's usual rate."""
    usual = terms_of(PlanKind.ANNUITY, 6, TODAY, None, HOUSE_MANDATE)
    free = terms_of(PlanKind.INTEREST_FREE, 6, TODAY, None, HOUSE_MANDATE)
    said = terms_of(PlanKind.ANNUITY, 6, TODAY, Decimal("0.01"), HOUSE_MANDATE)
    assert usual.yearly_rate == HOUSE_MANDATE.usual_yearly_rate
    assert free.yearly_rate == Decimal(0)
    assert said.yearly_rate == Decimal("0.01")
