"""Judges the terms that belong to one kind of plan: grace, balloon, steps, what an extension replaces."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from fieldsync.agreements.mandate import Mandate
from fieldsync.agreements.terms_problem import TermsProblem
from fieldsync.domain.agreement import PlanKind, Terms
from fieldsync.domain.money import Money
from fieldsync.words import words

# Instalments that rise faster than half at a time are no plan that anybody keeps.
_STEEPEST = Decimal("0.5")


def kind_problems(terms: Terms, owed: Money, mandate: Mandate) -> Iterator[TermsProblem]:
    """Every problem of the kind's own terms; `owed` is what the plan spreads."""
    yield from _foreign(terms)
    judge = _JUDGES.get(terms.kind)
    if judge is not None:
        yield from judge(terms, owed, mandate)


def _foreign(terms: Terms) -> Iterator[TermsProblem]:
    """A term that this kind knows nothing of was meant for another kind."""
    named = {
        "grace": (PlanKind.DEFERMENT, terms.grace is not None or terms.grace_months != 0),
        "balloon": (PlanKind.BALLOON, terms.balloon is not None),
        "step": (PlanKind.STEP_UP, terms.step != 0),
        "fee_rate": (PlanKind.FLAT_FEE, terms.fee_rate != 0),
    }
    for field, (kind, is_said) in named.items():
        if is_said and terms.kind is not kind:
            yield TermsProblem(
                "422.653",
                field,
                words("Only a plan of the kind {kind} has this term.", kind=kind.value),
                words("Leave it out, or choose that kind."),
            )


def _deferment(terms: Terms, _owed: Money, mandate: Mandate) -> Iterator[TermsProblem]:
    if terms.grace is None or not 1 <= terms.grace_months < terms.months:
        yield TermsProblem(
            "422.653",
            "grace",
            words("A deferment needs what is not asked for, and for how many of its months."),
            words(
                "Choose principal, interest or both, and 1 to {most} months.",
                most=max(terms.months - 1, 1),
            ),
        )
    elif terms.grace_months > mandate.max_grace_months:
        yield TermsProblem(
            "422.653",
            "grace",
            words(
                "{months} months of grace are more than you may offer.", months=terms.grace_months
            ),
            words("You may offer up to {most}.", most=mandate.max_grace_months),
            beyond=True,
        )


def _balloon(terms: Terms, owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    left = terms.balloon
    if (
        left is None
        or left.currency != owed.currency
        or not 0 < left.amount_minor < owed.amount_minor
    ):
        yield TermsProblem(
            "422.654",
            "balloon",
            words("A balloon must be more than nothing and less than the debt."),
            words("Choose an amount below {most}.", most=str(owed)),
        )


def _step_up(terms: Terms, _owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    sound = terms.step.is_finite() and 0 < terms.step <= _STEEPEST
    if not sound or not 1 <= terms.step_months < max(terms.months, 2):
        yield TermsProblem(
            "422.655",
            "step",
            words(
                "Instalments can rise by up to {most} at a time, after each few months.",
                most="50 %",
            ),
            words("Choose a rise such as 0.05 (5 %) and after how many months."),
        )


def _flat_fee(terms: Terms, _owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    if not terms.fee_rate.is_finite() or not 0 < terms.fee_rate < 1:
        yield TermsProblem(
            "422.656",
            "fee_rate",
            words("A plan with a flat fee needs the fee a month."),
            words("Choose a fraction of the debt, such as 0.006 (0.6 %)."),
        )


def _extension(terms: Terms, _owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    if terms.months <= terms.before_months:
        yield TermsProblem(
            "422.657",
            "before_months",
            words(
                "A longer term must be longer than the {months} months left.",
                months=terms.before_months,
            ),
            words("Choose more months, or another kind."),
        )


def _reduction(terms: Terms, _owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    if terms.before_rate is None or not terms.yearly_rate < terms.before_rate:
        yield TermsProblem(
            "422.657",
            "before_rate",
            words("A lower rate must be lower than the contract's."),
            words("Name the contract's rate, and one below it."),
        )


def _settlement(terms: Terms, _owed: Money, _mandate: Mandate) -> Iterator[TermsProblem]:
    if not terms.waived:
        yield TermsProblem(
            "422.658",
            "waived",
            words("A settlement waives part of the debt."),
            words("Name what is waived, or choose another kind."),
        )
    if terms.kind is PlanKind.SETTLEMENT and terms.months != 1:
        yield TermsProblem(
            "422.658",
            "months",
            words("A settlement in one payment has one month."),
            words("Choose 1, or a settlement by instalments."),
        )


_Judge = Callable[[Terms, Money, Mandate], Iterator[TermsProblem]]
_JUDGES: Mapping[PlanKind, _Judge] = {
    PlanKind.DEFERMENT: _deferment,
    PlanKind.BALLOON: _balloon,
    PlanKind.STEP_UP: _step_up,
    PlanKind.FLAT_FEE: _flat_fee,
    PlanKind.TERM_EXTENSION: _extension,
    PlanKind.RATE_REDUCTION: _reduction,
    PlanKind.SETTLEMENT: _settlement,
    PlanKind.SETTLEMENT_INSTALMENTS: _settlement,
}
