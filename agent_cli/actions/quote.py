"""Works out instalment plans from the case on this device; nothing is recorded."""

from agent_cli.context import DeviceContext
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.terms import FROZEN_MANDATE, HOUSE_MANDATE, require_terms
from fieldsync.conduct.moratorium import is_frozen
from fieldsync.domain.agreement import DebtStatement, Quote, Terms
from fieldsync.domain.case import Case


def debt_of(case: Case) -> DebtStatement:
    """The debt as the case's copy on this device states it."""
    loan = case.loan
    return DebtStatement(loan.as_of, loan.principal, loan.interest, loan.fees, case.version)


def quote_case(ctx: DeviceContext, case: Case, terms: Terms) -> Quote:
    """The plan these terms come to today; InputError 422.40 lists what cannot be agreed.

    While a moratorium runs no plan may add interest.
    """
    debt, now = debt_of(case), ctx.clock.now()
    mandate = FROZEN_MANDATE if is_frozen(case, now) else HOUSE_MANDATE
    require_terms(terms, debt, mandate, now.date())
    return quote(debt, terms)
