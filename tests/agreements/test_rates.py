"""Annualised rates come out to the digits that regulators and vendors have published."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.agreements.apr import actuarial, effective, irr_monthly
from fieldsync.agreements.schedule import nominal_of, quote
from fieldsync.domain.agreement import PlanKind, Terms
from fieldsync.domain.money import Money
from tests.agreements.paper import debt

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "finance" / "published.json").read_text(
        encoding="utf-8"
    )
)


def fraction(text: str) -> Decimal:
    """A decimal, or a quotient such as 19/30."""
    above, _, below = str(text).partition("/")
    return Decimal(above) / Decimal(below or 1)


def percent(rate: Decimal, places: str) -> str:
    """A fraction as percent, rounded as it was published."""
    return str((rate * 100).quantize(Decimal(places)))


@pytest.mark.parametrize("example", PUBLISHED["reg_z_appendix_j"], ids=lambda e: str(e["ref"]))
def test_regulation_z_examples(example: dict[str, Any]) -> None:
    """12 CFR 1026, Appendix J (c): every example to two decimals."""
    odd, flows, whole = fraction(example["f"]), [], example["t"]
    for amount, count in example["payments"]:
        for _ in range(count):
            flows.append((Decimal(amount), whole, odd))
            whole += 1
    rate = actuarial(Decimal(example["A"]), flows, fraction(example["w"]))
    assert percent(rate, "0.01") == example["apr"]


@pytest.mark.parametrize("example", PUBLISHED["eu_98_7_annex_iii"], ids=lambda e: str(e["ex"]))
def test_european_examples(example: dict[str, Any]) -> None:
    """Directive 98/7/EC, Annex III: every example on calendar days to its published digits."""
    drawn = [(date.fromisoformat(example["drawn"]), Decimal(example["C"]))]
    paid = [(date.fromisoformat(day), Decimal(amount)) for day, amount in example["repayments"]]
    rate = effective(drawn, paid)
    assert percent(rate, "0.1") == example["apr_calendar"]
    if "calendar_digits" in example:
        assert percent(rate, "0.01") == example["calendar_digits"]


def test_the_spreadsheet_example_with_dates() -> None:
    """The vendor's own XIRR example, to all nine published digits."""
    (example,) = [e for e in PUBLISHED["spreadsheet"] if e["f"] == "XIRR"]
    flows = [(date.fromisoformat(day), Decimal(amount)) for day, amount in example["args"]]
    rate = effective([(day, -amount) for day, amount in flows[:1]], flows[1:])
    assert abs(rate - Decimal(example["value"])) < Decimal("1e-7")


@pytest.mark.parametrize("example", PUBLISHED["china_flat_fee"], ids=lambda e: str(e["n"]))
def test_flat_fees_are_shown_for_what_they_cost(example: dict[str, Any]) -> None:
    """A monthly fee of 0.6 % is 13 % a year, not 7.2 %: the rate on the balance outstanding."""
    advance, months = Decimal(example["A"]), example["n"]
    payment = advance / months + advance * Decimal(example["fee_per_month"])
    nominal, yearly = irr_monthly(advance, [payment] * months)
    assert percent(nominal, "0.001") == example["nominal_irr_percent"]
    assert percent(yearly, "0.001") == example["effective_percent"]
    assert abs(nominal_of(yearly) - nominal) < Decimal("1e-10")


def test_less_paid_than_advanced_is_a_rate_below_zero() -> None:
    """A waiver shows as a negative rate, and nothing paid has none."""
    assert irr_monthly(Decimal(1000), [Decimal(90)] * 10)[0] < 0
    assert irr_monthly(Decimal(1000), [Decimal(100)] * 10) == (Decimal(0), Decimal(0))
    with pytest.raises(ValueError, match="no rate"):
        irr_monthly(Decimal(1000), [Decimal(0)] * 10)


@given(
    advance=st.integers(1, 10**9),
    payments=st.lists(st.integers(1, 10**8), min_size=1, max_size=60),
)
def test_the_rate_found_solves_the_equation(advance: int, payments: list[int]) -> None:
    """Discounted at the rate found, what is paid is worth what was advanced."""
    amounts = [Decimal(amount) for amount in payments]
    if sum(amounts) < Decimal(advance) / 20:
        return
    monthly = irr_monthly(Decimal(advance), amounts)[0] / 12
    worth = [amount / (1 + monthly) ** k for k, amount in enumerate(amounts, start=1)]
    assert abs(sum(worth, Decimal(0)) - advance) < Decimal(advance) / 10**6


def _rows(financed: str, months: int, rate: str) -> list[tuple[str, ...]]:
    owed = Money.parse(financed, "CNY")
    statement = debt(owed.amount_minor, date(2026, 1, 1))
    made = quote(statement, Terms(PlanKind.ANNUITY, months, date(2026, 3, 1), Decimal(rate)))
    return [
        tuple(str(m.decimal) for m in (row.principal, row.interest, row.amount, row.balance))
        for row in made.instalments
    ]


def test_a_schedule_of_another_system_comes_out_the_same() -> None:
    """Apache Fineract's 6 instalments at 9.99 % on what a 25 % down payment leaves, HALF_EVEN."""
    expected = PUBLISHED["fineract_schedules"][0]["rows"]
    made = _rows("75", 6, "0.0999")
    for row, (principal, interest, *_rest) in zip(made, expected, strict=True):
        assert (row[0], row[1]) == (principal, interest)
    assert (made[0][3], made[-1][2]) == (expected[0][3], expected[-1][2])


def test_the_last_instalment_balances_as_elsewhere() -> None:
    """Apache Fineract's 6 instalments at 7 %: 17.01 five times and 17.00 at last."""
    example = PUBLISHED["fineract_schedules"][1]
    made = _rows("100", 6, "0.07")
    assert [made[0][0], made[0][1]] == example["first"]
    assert {row[2] for row in made[:-1]} == {example["instalment"]}
    assert made[-1][2] == example["last_total"]


def _spreadsheet(name: str) -> list[dict[str, Any]]:
    found = [example for example in PUBLISHED["spreadsheet"] if example["f"] == name]
    assert found
    return found


def _first(rate: str, months: int, principal: int) -> tuple[str, ...]:
    return _rows(str(principal), months, str(fraction(rate) * 12))[0]


def test_level_payments_are_a_spreadsheets() -> None:
    """PMT at the end of each month, and at its beginning: the same discounted by one month."""
    at_end, at_beginning = _spreadsheet("PMT")
    rate, months, principal = at_end["args"]
    assert _first(rate, months, principal)[2] == at_end["value"].removeprefix("-")
    level = irr_monthly(Decimal(principal), [Decimal("1037.0320893591604")] * months)[0]
    discounted = Decimal("1037.0320893591604") / (1 + level / 12)
    assert str(discounted.quantize(Decimal("0.01"))) == at_beginning["value"].removeprefix("-")


def test_interest_and_principal_of_a_month_are_a_spreadsheets() -> None:
    """IPMT and PPMT of the first month."""
    (interest,), (principal,) = _spreadsheet("IPMT"), _spreadsheet("PPMT")
    rate, _month, months, owed = interest["args"]
    assert _first(rate, months, owed)[1] == interest["value"].removeprefix("-")
    rate, _month, months, owed = principal["args"]
    assert _first(rate, months, owed)[0] == principal["value"].removeprefix("-")


def test_europes_standard_year_comes_out_by_months() -> None:
    """Annex III, example 1 on a standard year: eighteen equal months."""
    example = PUBLISHED["eu_98_7_annex_iii"][0]
    paid = [Decimal(0)] * 17 + [Decimal(example["repayments"][0][1])]
    yearly = irr_monthly(Decimal(example["C"]), paid)[1]
    assert percent(yearly, "0.1") == example["apr_standard_year"]
