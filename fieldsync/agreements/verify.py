"""Checks that a signed agreement's own numbers add up, as the server does on receipt."""

from collections.abc import Iterator
from datetime import date

from fieldsync.agreements.mandate import HOUSE_MANDATE, Mandate
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.terms import check_terms
from fieldsync.agreements.terms_problem import TermsProblem
from fieldsync.domain.agreement import Agreement, Quote
from fieldsync.words import Words, words

NUMBERS_CODE = "422.49"
_ASK = words("Keep the signed document and ask the office to compare it with the case.")
_WITNESSES = 2


def recomputed(agreement: Agreement, mandate: Mandate = HOUSE_MANDATE) -> tuple[TermsProblem, ...]:
    """Every way in which the agreement differs from what its own debt and terms come to.

    Empty when the schedule, the totals and the rates are recomputed to the last digit, the terms
    could be agreed on the day of signing and two collectors are named. Those with `beyond` were more
    than the officers may offer alone. Never raises: a signed agreement is a fact, and what is wrong
    with it is for a person to judge.
    """
    signed = agreement.quote
    problems = check_terms(signed.terms, signed.debt, mandate, agreement.signature.signed_at.date())
    computable = not {p.field for p in problems if not p.beyond} & _NEEDED
    numbers = _number_problems(agreement) if computable else ()
    return (*problems, *_witness_problems(agreement), *numbers)


_NEEDED = frozenset({"debt", "months", "yearly_rate", "waived", "grace", "step", "fee_rate"})


def _witness_problems(agreement: Agreement) -> Iterator[TermsProblem]:
    if len({officer.officer_id for officer in agreement.witnesses}) < _WITNESSES:
        yield _problem("witnesses", words("Fewer than two collectors witnessed the agreement."))


def _number_problems(agreement: Agreement) -> Iterator[TermsProblem]:
    signed = agreement.quote
    try:
        expected = _again(signed)
    except (ValueError, ArithmeticError):
        yield _problem("terms", words("No schedule can be made from the debt and the terms."))
        return
    if signed.instalments != expected.instalments:
        yield _problem("instalments", words("The instalments differ from the terms."))
    if (signed.financed, signed.total_payable) != (expected.financed, expected.total_payable):
        yield _problem("total_payable", words("The totals differ from the terms."))
    rates = (signed.nominal_rate, signed.effective_rate, signed.rate_method)
    if rates != (expected.nominal_rate, expected.effective_rate, expected.rate_method):
        yield _problem("effective_rate", words("The annualised rate differs from the terms."))


def _again(signed: Quote) -> Quote:
    """The same plan worked out anew.

    The device's calendar of holidays may be older or newer than ours: its own due days count as the
    working ones, and a shift that leads to none of them differs.
    """
    days: frozenset[date] = frozenset(row.due for row in signed.instalments if row.number)
    return quote(signed.debt, signed.terms, days.__contains__)


def _problem(field: str, message: Words) -> TermsProblem:
    return TermsProblem(NUMBERS_CODE, field, message, _ASK)
