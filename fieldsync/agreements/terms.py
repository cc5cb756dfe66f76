"""What may be offered: the mandate, and every problem of some terms named at once.

An officer who typed three wrong things hears of all three; the terms themselves are never altered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from fieldsync.agreements.schedule import financed
from fieldsync.domain.agreement import DebtStatement, PlanKind, Terms
from fieldsync.domain.money import exponent
from fieldsync.errors import InputError
from fieldsync.words import Words, words

TERMS_CODE = "422.40"


@dataclass(frozen=True, slots=True)
class Mandate:
    """What an officer may offer without asking. Rates are fractions a year.

    `min_instalment` is in major units of the debt's currency; `usual_yearly_rate` is what a quote
    assumes when no rate is named and the kind bears interest.
    """

    kinds: frozenset[PlanKind] = frozenset(PlanKind)
    max_months: int = 60
    min_instalment: Decimal = Decimal(1)
    max_yearly_rate: Decimal = Decimal("0.1825")
    usual_yearly_rate: Decimal = Decimal("0.06")
    first_due_within_days: int = 60


# The house default (docs/explanation/agreements.md): sixty months is the limit for cards (Credit-card
# business measures 2011, art. 70); 18.25 % is 0.05 % a day, the card business's long-standing ceiling.
HOUSE_MANDATE = Mandate()


# While interest and fees stand still (breathing space, SI 2020/1311 reg. 7) no plan may add any.
FROZEN_MANDATE = replace(
    HOUSE_MANDATE,
    kinds=frozenset({PlanKind.INTEREST_FREE}),
    max_yearly_rate=Decimal(0),
    usual_yearly_rate=Decimal(0),
)


def terms_of(
    kind: PlanKind, months: int, first_due: date, rate: Decimal | None, mandate: Mandate
) -> Terms:
    """Terms as they were typed; without a rate the mandate's usual one, none when interest-free."""
    if rate is None:
        rate = Decimal(0) if kind is PlanKind.INTEREST_FREE else mandate.usual_yearly_rate
    return Terms(kind, months, first_due, rate)


@dataclass(frozen=True, slots=True)
class TermsProblem:
    """One thing wrong with the terms: a code, the field it sits in, what is wrong and what to do."""

    code: str
    field: str
    message: Words
    hint: Words


def check_terms(
    terms: Terms, debt: DebtStatement, mandate: Mandate, today: date
) -> tuple[TermsProblem, ...]:
    """Every problem of these terms for this debt today; empty when they may be agreed."""
    owing = tuple(_debt_problems(debt))
    return (
        *owing,
        *_kind_problems(terms, mandate),
        *_month_problems(terms, mandate),
        *(() if owing else _instalment_problems(terms, debt, mandate)),
        *_first_due_problems(terms, mandate, today),
        *_rate_problems(terms, mandate),
    )


def _debt_problems(debt: DebtStatement) -> Iterator[TermsProblem]:
    parts = (debt.principal, debt.interest, debt.fees)
    amounts = [part.amount_minor for part in parts]
    one_currency = len({part.currency for part in parts}) == 1
    if not one_currency or min(amounts) < 0 or sum(amounts) <= 0:
        yield TermsProblem(
            "422.41",
            "debt",
            words("There is no debt to spread: {parts}.", parts=", ".join(map(str, parts))),
            words("Sync to fetch the present debt; a settled case needs no agreement."),
        )


def _kind_problems(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    if terms.kind not in mandate.kinds:
        yield TermsProblem(
            "422.44",
            "kind",
            words("The plan kind {kind} is not in your mandate.", kind=terms.kind.value),
            words("Choose one of: {kinds}.", kinds=", ".join(sorted(mandate.kinds))),
        )


def _month_problems(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    if not 1 <= terms.months <= mandate.max_months:
        yield TermsProblem(
            "422.42",
            "months",
            words("{months} months cannot be agreed.", months=terms.months),
            words("Choose 1 to {most} months.", most=mandate.max_months),
        )


def _instalment_problems(
    terms: Terms, debt: DebtStatement, mandate: Mandate
) -> Iterator[TermsProblem]:
    owed = financed(debt)
    least = int(mandate.min_instalment.scaleb(exponent(owed.currency)))
    if owed.amount_minor < least * terms.months:
        yield TermsProblem(
            "422.46",
            "months",
            words(
                "Over {months} months an instalment would be under {least} {currency}.",
                months=terms.months,
                least=str(mandate.min_instalment),
                currency=owed.currency,
            ),
            words("Choose {most} months or fewer.", most=max(owed.amount_minor // least, 1)),
        )


def _first_due_problems(terms: Terms, mandate: Mandate, today: date) -> Iterator[TermsProblem]:
    days = (terms.first_due - today).days
    if not 0 < days <= mandate.first_due_within_days:
        message = (
            words("The first due day {day} is not in the future.", day=terms.first_due.isoformat())
            if days <= 0
            else words(
                "The first due day {day} is {days} days away.",
                day=terms.first_due.isoformat(),
                days=days,
            )
        )
        hint = words(
            "Choose a day from tomorrow up to {most} days from today.",
            most=mandate.first_due_within_days,
        )
        yield TermsProblem("422.43", "first_due", message, hint)


def _rate_problems(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    rate = terms.yearly_rate
    if terms.kind is PlanKind.INTEREST_FREE and rate != 0:
        yield TermsProblem(
            "422.45",
            "yearly_rate",
            words("An interest-free plan cannot bear a rate."),
            words("Leave the rate out, or choose another kind."),
        )
    elif not rate.is_finite() or not 0 <= rate <= mandate.max_yearly_rate:
        yield TermsProblem(
            "422.45",
            "yearly_rate",
            words("A rate of {rate} a year cannot be agreed.", rate=str(rate)),
            words(
                "Choose a rate from 0 to {most}, as a fraction (0.06 is 6 %).",
                most=str(mandate.max_yearly_rate),
            ),
        )


def require_terms(terms: Terms, debt: DebtStatement, mandate: Mandate, today: date) -> None:
    """Raise InputError 422.40 that lists every problem, each with its way out."""
    problems = check_terms(terms, debt, mandate, today)
    if problems:
        raise terms_error(problems)


def terms_error(problems: tuple[TermsProblem, ...]) -> InputError:
    """One error that says all the problems; `details["problems"]` has their codes and fields."""
    lines = ["{head}"]
    facts: dict[str, object] = {"head": words("These terms cannot be agreed:")}
    for number, problem in enumerate(problems):
        lines.append(f"  - {{m{number}}} {{h{number}}}")
        facts[f"m{number}"], facts[f"h{number}"] = problem.message, problem.hint
    return InputError(
        TERMS_CODE,
        Words("\n".join(lines), facts),
        words("Nothing was recorded. Change what is named above and try again."),
        problems=[{"code": problem.code, "field": problem.field} for problem in problems],
    )
