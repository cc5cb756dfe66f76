"""Judges what is offered: every problem of some terms named at once, in the order of a form.

An officer who typed three wrong things hears of all three; the terms themselves are never altered.
What is only more than the officer may offer is told apart: it can be proposed and approved.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from fieldsync.agreements.amortise import WITHOUT_INTEREST
from fieldsync.agreements.given_and_paid import down_payment_problems, waiver_problems
from fieldsync.agreements.kind_terms import kind_problems
from fieldsync.agreements.mandate import LEAST_INSTALMENT, Mandate
from fieldsync.agreements.schedule import financed, quote
from fieldsync.agreements.terms_problem import TermsProblem, said_kinds
from fieldsync.domain.agreement import DebtStatement, PlanKind, Terms
from fieldsync.domain.money import exponent
from fieldsync.errors import InputError
from fieldsync.words import Words, words

TERMS_CODE = "422.40"


def terms_of(
    kind: PlanKind, months: int, first_due: date, rate: Decimal | None, mandate: Mandate
) -> Terms:
    """Terms as they were typed; without a rate the mandate's usual one, none where the kind bears none."""
    if rate is None:
        rate = Decimal(0) if kind in WITHOUT_INTEREST else mandate.usual_yearly_rate
    return Terms(kind, months, first_due, rate)


def check_terms(
    terms: Terms, debt: DebtStatement, mandate: Mandate, today: date
) -> tuple[TermsProblem, ...]:
    """Every problem of these terms for this debt today; empty when they may be agreed.

    Those with `beyond` keep nobody from proposing them.
    """
    owing = tuple(_debt_problems(debt))
    waived = () if owing else tuple(waiver_problems(terms, debt, mandate))
    able = not owing and not any(not problem.beyond for problem in waived)
    found = (
        *owing,
        *_mandated_kind(terms, mandate),
        *_month_problems(terms, mandate),
        *waived,
        *(_instalment_problems(terms, debt, mandate) if able else ()),
        *(down_payment_problems(terms, debt, mandate, today) if able else ()),
        *_first_due_problems(terms, mandate, today),
        *_rate_problems(terms, mandate),
        *(kind_problems(terms, financed(debt, terms), mandate) if able else ()),
    )
    return found or tuple(_fee_problems(terms, debt, mandate))


def _debt_problems(debt: DebtStatement) -> Iterator[TermsProblem]:
    parts = list(debt.parts().values())
    amounts = [part.amount_minor for part in parts]
    one_currency = len({part.currency for part in parts}) == 1
    if not one_currency or min(amounts) < 0 or sum(amounts) <= 0:
        yield TermsProblem(
            "422.41",
            "debt",
            words("There is no debt to spread: {parts}.", parts=", ".join(map(str, parts))),
            words("Sync to fetch the present debt; a settled case needs no agreement."),
        )


def _mandated_kind(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    if terms.kind not in mandate.kinds:
        yield TermsProblem(
            "422.44",
            "kind",
            words("The plan kind {kind} is not in your mandate.", kind=terms.kind.value),
            words("Choose one of: {kinds}.", kinds=said_kinds(mandate.kinds)),
            beyond=True,
        )


def _month_problems(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    if not 1 <= terms.months <= mandate.max_months:
        yield TermsProblem(
            "422.42",
            "months",
            words("{months} months cannot be agreed.", months=terms.months),
            words("Choose 1 to {most} months.", most=mandate.max_months),
            beyond=1 <= terms.months <= mandate.law_months,
        )


def _instalment_problems(
    terms: Terms, debt: DebtStatement, mandate: Mandate
) -> Iterator[TermsProblem]:
    owed = financed(debt, terms)
    for least in sorted({LEAST_INSTALMENT, mandate.min_instalment}):
        minor = int(least.scaleb(exponent(owed.currency)))
        if owed.amount_minor < minor * terms.months:
            yield TermsProblem(
                "422.46",
                "months",
                words(
                    "Over {months} months an instalment would be under {least} {currency}.",
                    months=terms.months,
                    least=str(least),
                    currency=owed.currency,
                ),
                words("Choose {most} months or fewer.", most=max(owed.amount_minor // minor, 1)),
                beyond=least > LEAST_INSTALMENT,
            )
            return


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
        yield TermsProblem("422.43", "first_due", message, hint, beyond=days > 0)


def _rate_problems(terms: Terms, mandate: Mandate) -> Iterator[TermsProblem]:
    rate = terms.yearly_rate
    if terms.kind in WITHOUT_INTEREST and rate != 0:
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


def _fee_problems(terms: Terms, debt: DebtStatement, mandate: Mandate) -> Iterator[TermsProblem]:
    """A fee is judged by what it comes to a year on the principal that is still owed."""
    if terms.kind is not PlanKind.FLAT_FEE:
        return
    comes_to = quote(debt, terms).nominal_rate
    if comes_to > mandate.max_yearly_rate:
        yield TermsProblem(
            "422.656",
            "fee_rate",
            words(
                "A fee of {fee} a month comes to {rate} a year, more than may be charged.",
                fee=f"{terms.fee_rate * 100:f} %",
                rate=f"{comes_to * 100:.2f} %",
            ),
            words(
                "Interest and fees together may come to {most} a year.",
                most=f"{mandate.max_yearly_rate * 100:.2f} %",
            ),
        )


def require_terms(
    terms: Terms, debt: DebtStatement, mandate: Mandate, today: date
) -> tuple[TermsProblem, ...]:
    """What of these terms lies beyond the mandate; empty where they may be signed.

    Raises InputError 422.40 that lists every problem where one of them cannot even be proposed.
    """
    problems = check_terms(terms, debt, mandate, today)
    if any(not problem.beyond for problem in problems):
        raise terms_error(problems)
    return problems


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
