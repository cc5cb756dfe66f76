"""Works out instalment plans from the case on this device; nothing is recorded."""

from dataclasses import dataclass

from agent_cli.actions.mandate import mandate_for
from agent_cli.context import DeviceContext
from fieldsync.adapters.bank_days import announced_until, is_bank_day
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.terms import require_terms
from fieldsync.agreements.terms_problem import TermsProblem
from fieldsync.domain.agreement import DebtStatement, HolidayShift, Quote, Terms
from fieldsync.domain.case import Case


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan, and what of it the officer may not offer alone (empty where it may be signed)."""

    quote: Quote
    beyond: tuple[TermsProblem, ...] = ()


def debt_of(case: Case) -> DebtStatement:
    """The debt as the case's copy on this device states it."""
    loan = case.loan
    return DebtStatement(
        as_of=loan.as_of,
        principal=loan.principal,
        interest=loan.interest,
        fees=loan.fees,
        case_version=case.version,
        default_interest=loan.default_interest,
        costs=loan.costs,
    )


def quote_case(ctx: DeviceContext, case: Case, terms: Terms) -> Offer:
    """The plan these terms come to today; InputError 422.40 lists what cannot be agreed.

    While a moratorium runs no plan may add interest.
    """
    debt, mandate = debt_of(case), mandate_for(ctx, case)
    beyond = require_terms(terms, debt, mandate, ctx.clock.now().date())
    if terms.holiday_shift is HolidayShift.NONE:
        return Offer(quote(debt, terms), beyond)
    return Offer(quote(debt, terms, is_bank_day, announced_until()), beyond)
