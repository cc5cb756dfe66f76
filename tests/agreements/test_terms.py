"""Terms are judged whole: every problem is named at once, with its code, field and way out."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from fieldsync.agreements.mandate import (
    HOUSE_MANDATE,
    Mandate,
    frozen,
    mandate_text,
    read_mandate,
)
from fieldsync.agreements.terms import check_terms, require_terms, terms_of
from fieldsync.domain.agreement import Component, DebtStatement, PlanKind, Terms, WaivedPart
from fieldsync.domain.money import Money
from fieldsync.errors import EXIT_USAGE, InputError
from fieldsync.locale import render
from tests.agreements.paper import debt, terms
from tests.agreements.plans import FIRST_DUE, OWED, plan

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
    """One to sixty months (two for kinds with parts), tomorrow to sixty days from today, any kind."""
    least = 1 if kind in {PlanKind.ANNUITY, PlanKind.EQUAL_PRINCIPAL} else 7
    assert codes(plan(kind, max(months, least), first_due)) == []


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
    (problem,) = check_terms(terms(), debt(), narrow, TODAY)
    assert (problem.code, problem.beyond) == ("422.44", True)


CAREFUL = Mandate(
    max_months=24,
    min_instalment=Decimal(2000),
    min_down_payment=Decimal("0.1"),
    max_waiver={Component.FEES: Decimal("0.5")},
    max_grace_months=2,
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (terms(months=36), ["422.42", "422.46", "422.652"]),
        (plan(PlanKind.DEFERMENT), ["422.652", "422.653"]),
        (
            plan(
                PlanKind.SETTLEMENT,
                waived=(WaivedPart(Component.FEES, Money(11_000)),),
            ),
            ["422.651"],
        ),
        (
            plan(PlanKind.ANNUITY, down_payment=Money(100), down_payment_due=TODAY),
            ["422.652"],
        ),
        (terms(first_due=date(2027, 3, 1)), ["422.652", "422.43"]),
    ],
)
def test_more_than_an_officer_may_offer_can_be_proposed(wanted: Terms, expected: list[str]) -> None:
    """Each is told with its code, and none keeps anybody from proposing it."""
    found = require_terms(wanted, debt(), CAREFUL, TODAY)
    assert [problem.code for problem in found] == expected
    assert all(problem.beyond for problem in found)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (plan(PlanKind.SETTLEMENT, waived=()), "422.658"),
        (dataclasses.replace(plan(PlanKind.SETTLEMENT), months=2), "422.658"),
        (plan(PlanKind.SETTLEMENT, waived=(WaivedPart(Component.FEES, Money(99_999)),)), "422.651"),
        (plan(PlanKind.SETTLEMENT, waived=(WaivedPart(Component.FEES, Money(-1)),)), "422.651"),
        (
            plan(PlanKind.SETTLEMENT, waived=(WaivedPart(Component.FEES, Money(1)),) * 2),
            "422.651",
        ),
        (plan(PlanKind.BALLOON, balloon=None), "422.654"),
        (plan(PlanKind.BALLOON, balloon=Money(OWED)), "422.654"),
        (plan(PlanKind.ANNUITY, balloon=Money(1)), "422.653"),
        (plan(PlanKind.STEP_UP, step=Decimal(0)), "422.655"),
        (plan(PlanKind.STEP_UP, step=Decimal("0.6")), "422.655"),
        (plan(PlanKind.STEP_UP, step_months=0), "422.655"),
        (plan(PlanKind.FLAT_FEE, fee_rate=Decimal(0)), "422.656"),
        (plan(PlanKind.FLAT_FEE, fee_rate=Decimal("0.02")), "422.656"),
        (plan(PlanKind.DEFERMENT, grace=None), "422.653"),
        (plan(PlanKind.DEFERMENT, grace_months=12), "422.653"),
        (plan(PlanKind.TERM_EXTENSION, before_months=12), "422.657"),
        (plan(PlanKind.RATE_REDUCTION, before_rate=Decimal("0.06")), "422.657"),
        (plan(PlanKind.ANNUITY, down_payment=Money(0), down_payment_due=TODAY), "422.652"),
        (plan(PlanKind.ANNUITY, down_payment=Money(OWED), down_payment_due=TODAY), "422.652"),
        (plan(PlanKind.ANNUITY, down_payment=Money(9), down_payment_due=None), "422.652"),
        (plan(PlanKind.ANNUITY, down_payment=Money(9), down_payment_due=FIRST_DUE), "422.652"),
    ],
)
def test_terms_that_no_plan_has_are_named(wrong: Terms, code: str) -> None:
    """Each wrong term of a kind is refused with its code."""
    assert codes(wrong) == [code]


def test_everything_given_up_leaves_no_plan() -> None:
    """A debt that is waived whole needs the office, not a schedule."""
    owed = debt()
    given = tuple(
        WaivedPart(part, amount) for part, amount in owed.parts().items() if amount > Money(0)
    )
    found = codes(plan(PlanKind.SETTLEMENT, waived=given))
    assert "422.651" in found


def test_nothing_may_be_added_while_a_moratorium_runs() -> None:
    """Neither interest nor a fee can even be proposed then."""
    still = frozen(HOUSE_MANDATE)
    assert codes(terms(), mandate=still) == ["422.45"]
    assert codes(plan(PlanKind.FLAT_FEE), mandate=still) == ["422.656"]
    assert codes(terms(rate="0"), mandate=still) == []


def test_a_mandate_survives_its_own_text() -> None:
    """What the server signs is what the device reads."""
    assert read_mandate(mandate_text(CAREFUL)) == CAREFUL


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
