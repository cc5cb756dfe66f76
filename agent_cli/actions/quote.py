"""Works out instalment plans from the case on this device; nothing is recorded."""

from agent_cli.context import DeviceContext
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.terms import HOUSE_MANDATE, require_terms
from fieldsync.domain.agreement import DebtStatement, Quote, Terms
from fieldsync.domain.case import Case


def debt_of(case: Case) -> DebtStatement:
    """The debt as the case's copy on this device states it."""
    loan = case.loan
    return DebtStatement(loan.as_of, loan.principal, loan.interest, loan.fees, case.version)


def quote_case(ctx: DeviceContext, case: Case, terms: Terms) -> Quote:
    """The plan these terms come to today; InputError 422.40 lists what cannot be agreed."""
    debt = debt_of(case)
    require_terms(terms, debt, HOUSE_MANDATE, ctx.clock.now().date())
    return quote(debt, terms)
