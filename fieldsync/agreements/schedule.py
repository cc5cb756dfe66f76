"""Makes the schedule of an instalment plan, exact to the minor unit, with its annualised rate.

Interest is a month's share (30/360) of the balance. It runs from the debt's cut-off, but from no
earlier than one month before the first due day: waiting for the first instalment costs nothing.
"""

import decimal
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fieldsync.agreements.apr import PRECISION, effective, irr_monthly
from fieldsync.agreements.due_dates import add_months, due_days
from fieldsync.domain.agreement import DebtStatement, Instalment, PlanKind, Quote, Rounding, Terms
from fieldsync.domain.money import Money, total

MONTHS_A_YEAR = 12
DAYS_A_MONTH = 30
# `Quote.rate_method` is one of these codes; `document.py` and the terminal name them in words.
METHOD_NO_INTEREST = "none"
METHOD_IRR_MONTHLY = "irr_monthly"
METHOD_EFFECTIVE_DAYS = "effective_days"


@dataclass(frozen=True, slots=True)
class _Part:
    """Principal and interest of one instalment, in minor units."""

    principal: int
    interest: int


def financed(debt: DebtStatement) -> Money:
    """What the plan spreads: principal, interest and fees of the debt statement."""
    return total((debt.principal, debt.interest, debt.fees), debt.principal.currency)


def quote(debt: DebtStatement, terms: Terms) -> Quote:
    """The schedule and its cost; terms are taken as given (`terms.check_terms` judges them).

    The principal parts add up to the financed debt, the last balance is zero, no part is negative.
    Raises ValueError where there is nothing to spread: no months, no debt, a negative rate.
    """
    owed = financed(debt)
    if terms.months < 1 or owed.amount_minor < 1 or terms.yearly_rate < 0:
        raise ValueError("a schedule needs a debt, at least one month and a rate of zero or more")
    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        parts = _parts(owed.amount_minor, terms, first_month_share(debt.as_of, terms.first_due))
    rows = _instalments(owed, parts, due_days(terms.first_due, terms.months))
    nominal, yearly, method = _rates(debt.as_of, owed, rows)
    return Quote(
        debt=debt,
        terms=terms,
        instalments=rows,
        financed=owed,
        total_payable=total([row.amount for row in rows], owed.currency),
        nominal_rate=nominal,
        effective_rate=yearly,
        rate_method=method,
    )


def first_month_share(as_of: date, first_due: date) -> Decimal:
    """How much of a month's interest the first instalment bears: its days in thirtieths, 1 at most."""
    if add_months(first_due, -1) >= as_of:
        return Decimal(1)
    days = max((first_due - as_of).days, 0)
    return min(Decimal(days) / DAYS_A_MONTH, Decimal(1))


def _parts(owed: int, terms: Terms, first_share: Decimal) -> list[_Part]:
    rate = Decimal(0)
    if terms.kind is not PlanKind.INTEREST_FREE:
        rate = terms.yearly_rate / MONTHS_A_YEAR
    level = _level(owed, terms, rate)
    balance, parts = owed, []
    for number in range(1, terms.months + 1):
        month_interest = _whole(balance * rate, terms.rounding)
        principal = (
            level if rate == 0 or terms.kind is not PlanKind.ANNUITY else (level - month_interest)
        )
        principal = balance if number == terms.months else min(max(principal, 0), balance)
        share = first_share if number == 1 else Decimal(1)
        parts.append(_Part(principal, _whole(balance * rate * share, terms.rounding)))
        balance -= principal
    return parts


def _level(owed: int, terms: Terms, rate: Decimal) -> int:
    """The equal part: of principal and interest together for an annuity, else of principal."""
    if terms.kind is not PlanKind.ANNUITY or rate == 0:
        return _whole(Decimal(owed) / terms.months, terms.rounding)
    return _whole(owed * rate / (1 - (1 + rate) ** -terms.months), terms.rounding)


def _whole(amount: Decimal, rounding: Rounding) -> int:
    how = decimal.ROUND_HALF_UP if rounding is Rounding.HALF_UP else decimal.ROUND_HALF_EVEN
    return int(amount.to_integral_value(rounding=how))


def _instalments(owed: Money, parts: list[_Part], days: tuple[date, ...]) -> tuple[Instalment, ...]:
    balance, rows = owed, []
    for number, (part, due) in enumerate(zip(parts, days, strict=True), start=1):
        principal = Money(part.principal, owed.currency)
        interest = Money(part.interest, owed.currency)
        balance -= principal
        rows.append(Instalment(number, due, principal, interest, balance))
    return tuple(rows)


def _rates(as_of: date, owed: Money, rows: tuple[Instalment, ...]) -> tuple[Decimal, Decimal, str]:
    """Nominal and effective rate a year: IRR over whole months, by days where the first is short."""
    if not any(row.interest.amount_minor for row in rows):
        return Decimal(0), Decimal(0), METHOD_NO_INTEREST
    amounts = [row.amount.decimal for row in rows]
    if first_month_share(as_of, rows[0].due) == 1:
        nominal, yearly = irr_monthly(owed.decimal, amounts)
        return nominal, yearly, METHOD_IRR_MONTHLY
    paid = [(row.due, row.amount.decimal) for row in rows]
    yearly = effective([(as_of, owed.decimal)], paid)
    return nominal_of(yearly), yearly, METHOD_EFFECTIVE_DAYS


def nominal_of(yearly: Decimal) -> Decimal:
    """The rate compounded monthly that comes to this effective rate a year."""
    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        monthly = (1 + yearly) ** (Decimal(1) / MONTHS_A_YEAR) - 1
        return (monthly * MONTHS_A_YEAR).quantize(Decimal("1e-12"))
