"""What a household can pay: income and outgoings by the month, what is left, and plans that this carries.

Categories after the Standard Financial Statement (Money and Pensions Service, United Kingdom), whose
short form is asked at the door; nothing of it is kept unless the borrower wants it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from fieldsync.agreements.due_dates import add_months
from fieldsync.agreements.mandate import Mandate
from fieldsync.agreements.schedule import financed, quote
from fieldsync.agreements.terms import check_terms, terms_of
from fieldsync.domain.agreement import DebtStatement, PlanKind, Quote, Terms
from fieldsync.domain.money import Money, total

MOST_PROPOSALS = 3


class Every(StrEnum):
    """How often an amount comes or goes."""

    WEEK = "week"
    FOUR_WEEKS = "4weeks"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# How many of each there are in a year; a month is a twelfth of it.
_A_YEAR: Mapping[Every, int] = {
    Every.WEEK: 52,
    Every.FOUR_WEEKS: 13,
    Every.MONTH: 12,
    Every.QUARTER: 4,
    Every.YEAR: 1,
}


class Income(StrEnum):
    """What comes in."""

    WAGES = "wages"
    PARTNER = "partner"
    PENSION = "pension"
    BENEFITS = "benefits"
    FAMILY = "family"
    OTHER_INCOME = "other_income"


class Outgoing(StrEnum):
    """What goes out, needs first; `other_debts` is what is paid on them, not what is owed."""

    HOUSING = "housing"
    UTILITIES = "utilities"
    FOOD = "food"
    HEALTH = "health"
    CARE = "care"
    SCHOOL = "school"
    TRANSPORT = "transport"
    TELEPHONE = "telephone"
    CLOTHING = "clothing"
    INSURANCE = "insurance"
    TAXES = "taxes"
    PRIORITY_DEBTS = "priority_debts"
    OTHER_DEBTS = "other_debts"
    OTHER = "other"


# What is asked at the door; the others only where somebody names them.
SHORT_INCOME = (Income.WAGES, Income.BENEFITS, Income.OTHER_INCOME)
SHORT_OUTGOINGS = (
    Outgoing.HOUSING,
    Outgoing.UTILITIES,
    Outgoing.FOOD,
    Outgoing.HEALTH,
    Outgoing.CARE,
    Outgoing.TRANSPORT,
    Outgoing.OTHER_DEBTS,
    Outgoing.OTHER,
)
# A tenth of what is left stays with the household for what breaks (the statement's savings line).
KEPT_SHARE = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Budget:
    """A household's month."""

    income: Mapping[Income, Money]
    outgoings: Mapping[Outgoing, Money]
    currency: str

    @property
    def comes_in(self) -> Money:
        """Everything that comes in."""
        return total(list(self.income.values()), self.currency)

    @property
    def goes_out(self) -> Money:
        """Everything that goes out."""
        return total(list(self.outgoings.values()), self.currency)

    @property
    def surplus(self) -> Money:
        """What is left, below zero where the household lacks money already."""
        return self.comes_in - self.goes_out

    @property
    def affordable(self) -> Money:
        """What an instalment may be at most: what is left but for the share that stays; 0 at least."""
        left = Decimal(max(self.surplus.amount_minor, 0)) * (1 - KEPT_SHARE)
        return Money(int(left.to_integral_value(rounding=ROUND_DOWN)), self.currency)


def monthly(amount: Money, every: Every) -> Money:
    """The amount by the month, rounded half even: 52 weeks, 13 times four weeks, 4 quarters a year."""
    yearly = Decimal(amount.amount_minor) * _A_YEAR[every]
    month = (yearly / 12).to_integral_value(rounding=ROUND_HALF_EVEN)
    return Money(int(month), amount.currency)


def proposals(
    debt: DebtStatement, affordable: Money, mandate: Mandate, first_due: date, today: date
) -> tuple[Quote, ...]:
    """Up to three plans whose every instalment is affordable: the shortest, one between, the gentlest.

    Of the kinds that spread evenly the mandate's cheapest is taken, free of interest where it may be.
    Empty where nothing within the mandate is affordable: then collection is held and the borrower
    referred to help.
    """
    kind = next((one for one in _EVEN if one in mandate.kinds), None)
    if kind is None or affordable.amount_minor < 1 or financed(debt).amount_minor < 1:
        return ()
    months = [
        count
        for count in range(1, mandate.max_months + 1)
        if _may_be(_terms(kind, count, first_due, mandate), debt, mandate, today)
    ]
    fitting = _fitting(months, kind, debt, affordable, mandate, first_due)
    return tuple(quote(debt, _terms(kind, count, first_due, mandate)) for count in _spread(fitting))


# Both spread evenly, so that what fits one month fits every month.
_EVEN = (PlanKind.INTEREST_FREE, PlanKind.ANNUITY)


def _terms(kind: PlanKind, months: int, first_due: date, mandate: Mandate) -> Terms:
    return terms_of(kind, months, first_due, None, mandate)


def _may_be(terms: Terms, debt: DebtStatement, mandate: Mandate, today: date) -> bool:
    return not check_terms(terms, debt, mandate, today)


def _fitting(
    months: Sequence[int],
    kind: PlanKind,
    debt: DebtStatement,
    affordable: Money,
    mandate: Mandate,
    first_due: date,
) -> list[int]:
    """The numbers of months in which no instalment is above what is affordable."""

    def fits(count: int) -> bool:
        made = quote(debt, _terms(kind, count, first_due, mandate))
        return max(row.amount for row in made.instalments) <= affordable

    return [count for count in months if fits(count)]


def _spread(months: Sequence[int]) -> Iterator[int]:
    """The first, the one nearest to half as much again of it, and twice as long, where there are such."""
    if not months:
        return
    shortest = months[0]
    wanted = (shortest, shortest + max(shortest // 2, 3), shortest * 2 + 6)
    told: list[int] = []
    for count in wanted[:MOST_PROPOSALS]:
        near = min(months, key=lambda month: (abs(month - count), month))
        if near not in told:
            told.append(near)
            yield near


def first_due_after(today: date, pay_day: int, days_needed: int = 7) -> date:
    """The next such day of a month that lies so many days ahead; a shorter month's last day counts."""
    earliest = today + timedelta(days=days_needed)
    anchor = date(earliest.year, 1, 31)
    for number in range(earliest.month - 1, earliest.month + 1):
        month = add_months(anchor, number)
        found = month.replace(day=min(pay_day, month.day))
        if found >= earliest:
            return found
    raise ValueError("no day of two months lies ahead")
