"""Makes the schedule of an instalment plan, exact to the minor unit, with its annualised rate.

Interest is a month's share (30/360) of the balance. It runs from the debt's cut-off, but from no
earlier than one month before the first due day: waiting for the first instalment costs nothing.
"""

import decimal
from datetime import date
from decimal import Decimal

from fieldsync.agreements.amortise import (
    ARREARS_BESIDE,
    MONTHS_A_YEAR,
    Part,
    Spread,
    amortise,
    rows_of,
)
from fieldsync.agreements.apr import PRECISION, effective, irr_monthly
from fieldsync.agreements.due_dates import IsWorked, add_months, due_days, shifted
from fieldsync.domain.agreement import (
    Component,
    DebtStatement,
    HolidayShift,
    Instalment,
    Quote,
    Terms,
)
from fieldsync.domain.money import Money, total
from fieldsync.domain.working_days import is_weekday

DAYS_A_MONTH = 30
# `Quote.rate_method` is one of these codes; `document.py` and the terminal name them in words.
METHOD_NO_INTEREST = "none"
METHOD_IRR_MONTHLY = "irr_monthly"
METHOD_EFFECTIVE_DAYS = "effective_days"


def financed(debt: DebtStatement, terms: Terms | None = None) -> Money:
    """What the plan spreads: the whole debt but for what is waived."""
    given = [part.amount for part in terms.waived] if terms else []
    return debt.owed - total(given, debt.currency)


def quote(
    debt: DebtStatement,
    terms: Terms,
    is_worked: IsWorked = is_weekday,
    calendar_until: date | None = None,
) -> Quote:
    """The schedule and its cost; terms are taken as given (`terms.check_terms` judges them).

    The principal parts add up to the financed debt, the last balance is zero, no part is negative.
    `is_worked` is asked only where the terms shift due days. Raises ValueError where there is
    nothing to spread: no months, no debt, a negative rate.
    """
    owed, spread = financed(debt, terms), _spread(debt, terms)
    if rows_of(terms) < 1 or owed.amount_minor < 1 or min(terms.yearly_rate, terms.fee_rate) < 0:
        raise ValueError("a schedule needs a debt, at least one month and a rate of zero or more")
    first = add_months(terms.first_due, terms.months - rows_of(terms))
    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        parts = amortise(spread, terms, first_month_share(debt.as_of, first))
    days = [shifted(d, terms.holiday_shift, is_worked) for d in due_days(first, len(parts))]
    if terms.down_payment_due is not None and days[0] <= terms.down_payment_due:
        days[0] = first
    rows = (*_down_payment(owed, terms), *_instalments(_after_down(owed, terms), parts, days))
    nominal, yearly, method = _rates(debt.as_of, first, _after_down(owed, terms), rows)
    return Quote(
        debt=debt,
        terms=terms,
        instalments=rows,
        financed=owed,
        total_payable=total([row.amount for row in rows], owed.currency),
        nominal_rate=nominal,
        effective_rate=yearly,
        rate_method=method,
        calendar_until=None if terms.holiday_shift is HolidayShift.NONE else calendar_until,
    )


def first_month_share(as_of: date, first_due: date) -> Decimal:
    """How much of a month's interest the first instalment bears: its days in thirtieths, 1 at most."""
    if add_months(first_due, -1) >= as_of:
        return Decimal(1)
    days = max((first_due - as_of).days, 0)
    return min(Decimal(days) / DAYS_A_MONTH, Decimal(1))


def _after_down(owed: Money, terms: Terms) -> Money:
    return owed if terms.down_payment is None else owed - terms.down_payment


def _down_payment(owed: Money, terms: Terms) -> tuple[Instalment, ...]:
    paid, due = terms.down_payment, terms.down_payment_due
    if paid is None or due is None:
        return ()
    return (Instalment(0, due, paid, Money(0, owed.currency), owed - paid),)


def _spread(debt: DebtStatement, terms: Terms) -> Spread:
    """What bears the rate, and what is carried beside it; a down payment takes the latter first."""
    left = _after_down(financed(debt, terms), terms).amount_minor
    if terms.kind not in ARREARS_BESIDE:
        return Spread(left)
    principal = debt.principal - terms.waived_of(Component.PRINCIPAL, debt.currency)
    bearing = min(principal.amount_minor, left)
    return Spread(bearing, left - bearing)


def _instalments(owed: Money, parts: list[Part], days: list[date]) -> tuple[Instalment, ...]:
    balance, rows = owed, []
    for number, (part, due) in enumerate(zip(parts, days, strict=True), start=1):
        principal = Money(part.principal, owed.currency)
        interest = Money(part.interest, owed.currency)
        fee = Money(part.fee, owed.currency) if part.fee else None
        balance -= principal
        rows.append(Instalment(number, due, principal, interest, balance, fee))
    return tuple(rows)


def _rates(
    as_of: date, first: date, advance: Money, rows: tuple[Instalment, ...]
) -> tuple[Decimal, Decimal, str]:
    """Nominal and effective rate a year: IRR over whole months, by days where the first is short.

    The down payment is no part of what is advanced.
    """
    paid = [row for row in rows if row.number > 0]
    if total([row.amount for row in paid], advance.currency) == advance:
        return Decimal(0), Decimal(0), METHOD_NO_INTEREST
    if first_month_share(as_of, first) == 1:
        nominal, yearly = irr_monthly(advance.decimal, [row.amount.decimal for row in paid])
        return nominal, yearly, METHOD_IRR_MONTHLY
    flows = [(row.due, row.amount.decimal) for row in paid]
    yearly = effective([(as_of, advance.decimal)], flows)
    return nominal_of(yearly), yearly, METHOD_EFFECTIVE_DAYS


def nominal_of(yearly: Decimal) -> Decimal:
    """The rate compounded monthly that comes to this effective rate a year."""
    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        monthly = (1 + yearly) ** (Decimal(1) / MONTHS_A_YEAR) - 1
        return (monthly * MONTHS_A_YEAR).quantize(Decimal("1e-12"))
