"""Checks that a signed agreement's own numbers add up, as the server does on receipt."""

from collections.abc import Iterator

from fieldsync.agreements.schedule import quote
from fieldsync.agreements.terms import HOUSE_MANDATE, Mandate, TermsProblem, check_terms
from fieldsync.domain.agreement import Agreement
from fieldsync.words import Words, words

NUMBERS_CODE = "422.49"
_ASK = words("Keep the signed document and ask the office to compare it with the case.")
_WITNESSES = 2


def recomputed(agreement: Agreement, mandate: Mandate = HOUSE_MANDATE) -> tuple[TermsProblem, ...]:
    """Every way in which the agreement differs from what its own debt and terms come to.

    Empty when the schedule, the totals and the rates are recomputed to the last digit, the terms
    were within the mandate on the day of signing and two collectors are named. Never raises: a
    signed agreement is a fact, and what is wrong with it is for a person to judge.
    """
    signed = agreement.quote
    problems = check_terms(signed.terms, signed.debt, mandate, agreement.signature.signed_at.date())
    computable = not {problem.field for problem in problems} & {"debt", "months", "yearly_rate"}
    numbers = _number_problems(agreement) if computable else ()
    return (*problems, *_witness_problems(agreement), *numbers)


def _witness_problems(agreement: Agreement) -> Iterator[TermsProblem]:
    if len({officer.officer_id for officer in agreement.witnesses}) < _WITNESSES:
        yield _problem("witnesses", words("Fewer than two collectors witnessed the agreement."))


def _number_problems(agreement: Agreement) -> Iterator[TermsProblem]:
    signed = agreement.quote
    try:
        expected = quote(signed.debt, signed.terms)
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


def _problem(field: str, message: Words) -> TermsProblem:
    return TermsProblem(NUMBERS_CODE, field, message, _ASK)
