"""Annualised rates: actuarial (Regulation Z), effective (EU) and internal rate of return (China).

Decimal in, Decimal out: fractions a year to twelve places, the same digits on every machine. Rates
below zero come out where less is paid than was advanced. `pyxirr` and `numpy-financial` answer in
binary floating point, which may not enter a signed document.
"""

import decimal
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

PRECISION = 40
_PLACES = Decimal("1e-12")
_NEAR = Decimal("1e-16")
_WIDE = decimal.Context(prec=400)
_DAYS_A_YEAR = 365
_MONTHS_A_YEAR = 12
_LOWEST = Decimal("-0.99")
_HIGHEST = Decimal(1 << 40)
_FIRST_STEP = Decimal("0.01")
_STEPS = 200

Flow = tuple[Decimal, int, Decimal]


def actuarial(
    advance: Decimal, payments: Sequence[Flow], unit_periods_per_year: Decimal
) -> Decimal:
    """The annual percentage rate by 12 CFR 1026 Appendix J (b), as a fraction.

    `payments` are (amount, whole unit-periods, fraction of one) after the advance; the general
    equation is advance = sum of amount / ((1 + fraction * i) * (1 + i) ** whole), APR = i * w.
    """

    def surplus(i: Decimal) -> Decimal:
        worth = (amount / ((1 + odd * i) * (1 + i) ** whole) for amount, whole, odd in payments)
        return sum(worth, Decimal(0)) - advance

    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        return _fixed(_root(surplus) * unit_periods_per_year)


def effective(
    drawdowns: Sequence[tuple[date, Decimal]], repayments: Sequence[tuple[date, Decimal]]
) -> Decimal:
    """The rate by the equation of Directives 98/7/EC and 2023/2225, on calendar days over 365."""
    start = min(day for day, _ in (*drawdowns, *repayments))

    def years(day: date) -> Decimal:
        return Decimal((day - start).days) / _DAYS_A_YEAR

    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        flows = [(years(day), amount) for day, amount in repayments]
        flows += [(years(day), -amount) for day, amount in drawdowns]
        return _fixed(_root(lambda rate: sum((a * (1 + rate) ** -t for t, a in flows), Decimal(0))))


def irr_monthly(advance: Decimal, payments: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The internal rate of return of equal months, (nominal, effective) a year.

    The People's Bank of China's announcement 2021 no. 3 asks for the yearly rate on the principal
    actually outstanding; nominal is twelve times the monthly rate, effective compounds it.
    """

    def surplus(i: Decimal) -> Decimal:
        worth = (amount / (1 + i) ** month for month, amount in enumerate(payments, start=1))
        return sum(worth, Decimal(0)) - advance

    with decimal.localcontext(decimal.Context(prec=PRECISION)):
        monthly = _root(surplus)
        yearly = (1 + monthly) ** _MONTHS_A_YEAR - 1
        return _fixed(monthly * _MONTHS_A_YEAR), _fixed(yearly)


def _fixed(rate: Decimal) -> Decimal:
    """Twelve places, however absurd the rate."""
    return rate.quantize(_PLACES, context=_WIDE)


def _root(surplus: Callable[[Decimal], Decimal]) -> Decimal:
    """Where a falling function crosses zero, by the Illinois form of false position.

    ValueError where it does not cross between -99 % a period and the highest rate tried.
    """
    low = high = Decimal(0)
    at_low = at_high = surplus(low)
    step = _FIRST_STEP
    while at_high > 0 and high < _HIGHEST:
        low, at_low, high = high, at_high, step
        at_high, step = surplus(high), step * 2
    while at_low < 0 and low > _LOWEST:
        high, at_high, low = low, at_low, max(-step, _LOWEST)
        at_low, step = surplus(low), step * 2
    if at_low < 0 or at_high > 0:
        raise ValueError("these payments have no rate")
    return _close_in(surplus, (low, at_low), (high, at_high))


def _close_in(
    surplus: Callable[[Decimal], Decimal],
    left: tuple[Decimal, Decimal],
    right: tuple[Decimal, Decimal],
) -> Decimal:
    (low, at_low), (high, at_high) = left, right
    side = 0
    for _ in range(_STEPS):
        if at_low == at_high:
            break
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = surplus(middle)
        if value == 0 or min(middle - low, high - middle) < _NEAR:
            return middle
        if value > 0:
            low, at_low = middle, value
            at_high = at_high / 2 if side > 0 else at_high
            side = 1
        else:
            high, at_high = middle, value
            at_low = at_low / 2 if side < 0 else at_low
            side = -1
    return low
