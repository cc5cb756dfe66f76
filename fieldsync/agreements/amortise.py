"""Spreads an amount over months, kind by kind: principal, interest and fee of each, in minor units.

All arithmetic is Decimal in the caller's context; each part is rounded as the plan declares, and the
last month takes what is left.
"""

import decimal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from fieldsync.domain.agreement import Grace, PlanKind, Rounding, Terms

MONTHS_A_YEAR = 12
# Whose arrears are carried beside the plan without interest: only the principal bears the rate.
ARREARS_BESIDE = frozenset({PlanKind.TERM_EXTENSION, PlanKind.RATE_REDUCTION, PlanKind.RE_AGE})
WITHOUT_INTEREST = frozenset(
    {
        PlanKind.INTEREST_FREE,
        PlanKind.FLAT_FEE,
        PlanKind.SETTLEMENT,
        PlanKind.SETTLEMENT_INSTALMENTS,
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """Principal, interest and fee of one instalment, in minor units."""

    principal: int
    interest: int
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """What is spread, in minor units: `bearing` bears the rate, `beside` never does."""

    bearing: int
    beside: int = 0


def rows_of(terms: Terms) -> int:
    """How many instalments there are: months in which nothing is asked for have none."""
    return terms.months - terms.grace_months if _waits(terms) else terms.months


def rate_of(terms: Terms) -> Decimal:
    """The rate a month that the balance bears; 0 for a kind that bears none."""
    return Decimal(0) if terms.kind in WITHOUT_INTEREST else terms.yearly_rate / MONTHS_A_YEAR


def amortise(spread: Spread, terms: Terms, first_share: Decimal) -> list[Part]:
    """Every instalment's parts; `first_share` is how much of a month's interest the first one bears."""
    parts = list(_bearing(spread.bearing, terms, first_share))
    if not spread.beside:
        return parts
    level = whole(Decimal(spread.beside) / len(parts), terms.rounding)
    return [
        Part(part.principal + share, part.interest, part.fee)
        for part, share in zip(parts, _shares(spread.beside, level, len(parts)), strict=True)
    ]


def whole(amount: Decimal, rounding: Rounding) -> int:
    """The amount in whole minor units."""
    how = decimal.ROUND_HALF_UP if rounding is Rounding.HALF_UP else decimal.ROUND_HALF_EVEN
    return int(amount.to_integral_value(rounding=how))


def _waits(terms: Terms) -> bool:
    return terms.kind is PlanKind.DEFERMENT and terms.grace is Grace.BOTH


def _shares(owed: int, level: int, count: int) -> Iterator[int]:
    for number in range(1, count + 1):
        share = owed if number == count else min(level, owed)
        owed -= share
        yield share


def _bearing(owed: int, terms: Terms, first_share: Decimal) -> Iterator[Part]:
    rate, count = rate_of(terms), rows_of(terms)
    principal_of = _principal(owed, terms, rate, count)
    fee = whole(owed * terms.fee_rate, terms.rounding) if terms.kind is PlanKind.FLAT_FEE else 0
    unasked = terms.grace_months if terms.grace is Grace.INTEREST else 0
    balance = owed
    for number in range(1, count + 1):
        interest = whole(balance * rate, terms.rounding)
        principal = balance
        if number < count:
            principal = min(max(principal_of(number, interest), 0), balance)
        share = first_share if number == 1 else Decimal(1)
        asked = Decimal(0) if number <= unasked else balance * rate * share
        yield Part(principal, whole(asked, terms.rounding), fee)
        balance -= principal


# The principal of an instalment, from its number and the month's interest.
PrincipalOf = Callable[[int, int], int]


def _principal(owed: int, terms: Terms, rate: Decimal, count: int) -> PrincipalOf:
    if terms.kind is PlanKind.INTEREST_FIRST:
        return lambda _number, _interest: 0
    if terms.kind is PlanKind.EQUAL_PRINCIPAL or (rate == 0 and terms.kind in _LEVEL_WITHOUT):
        equal = whole(Decimal(owed) / count, terms.rounding)
        return lambda _number, _interest: equal
    if terms.kind is PlanKind.STEP_UP:
        return _stepping(owed, terms, rate, count)
    if terms.kind is PlanKind.BALLOON:
        left = terms.balloon.amount_minor if terms.balloon else 0
        level = whole(_payment(Decimal(owed), Decimal(left), rate, count), terms.rounding)
        return lambda _number, interest: level - interest
    return _level_after_grace(owed, terms, rate, count)


_LEVEL_WITHOUT = frozenset(PlanKind) - {PlanKind.STEP_UP, PlanKind.BALLOON, PlanKind.DEFERMENT}


def _level_after_grace(owed: int, terms: Terms, rate: Decimal, count: int) -> PrincipalOf:
    grace = terms.grace_months if terms.grace is Grace.PRINCIPAL else 0
    level = whole(_payment(Decimal(owed), Decimal(0), rate, count - grace), terms.rounding)
    return lambda number, interest: 0 if number <= grace else level - interest


def _payment(owed: Decimal, left: Decimal, rate: Decimal, count: int) -> Decimal:
    """The level payment that leaves `left` of `owed` after `count` months (a spreadsheet's PMT)."""
    if rate == 0:
        return (owed - left) / count
    growth = (1 + rate) ** count
    return (owed * growth - left) * rate / (growth - 1)


def _stepping(owed: int, terms: Terms, rate: Decimal, count: int) -> PrincipalOf:
    """The first level is what makes all of them together worth the debt."""
    rise = [
        (1 + terms.step) ** ((number - 1) // terms.step_months) for number in range(1, count + 1)
    ]
    worth = sum(
        (factor / (1 + rate) ** number for number, factor in enumerate(rise, start=1)), Decimal(0)
    )
    first = owed / worth
    return lambda number, interest: whole(first * rise[number - 1], terms.rounding) - interest
