"""Judges what the bank gives up of a debt, and what the borrower pays at once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from fieldsync.agreements.mandate import Mandate
from fieldsync.agreements.schedule import financed
from fieldsync.agreements.terms_problem import TermsProblem
from fieldsync.domain.agreement import DebtStatement, PlanKind, Terms, WaivedPart
from fieldsync.domain.money import Money
from fieldsync.words import words


def waiver_problems(terms: Terms, debt: DebtStatement, mandate: Mandate) -> Iterator[TermsProblem]:
    """What is wrong with what the bank gives up: more than there is, or more than the officer may."""
    parts = debt.parts()
    for given in terms.waived:
        owed = parts[given.component]
        amount = given.amount
        if amount.currency != owed.currency or not 0 < amount.amount_minor <= owed.amount_minor:
            yield _wrong_waiver(given, owed)
        elif amount.decimal > owed.decimal * mandate.max_waiver.get(given.component, Decimal(0)):
            yield _large_waiver(given, owed, mandate)
    if len({given.component for given in terms.waived}) < len(terms.waived):
        yield TermsProblem(
            "422.651",
            "waived",
            words("One part of the debt is waived twice."),
            words("Name each part once, with the whole amount."),
        )
    if financed(debt, terms).amount_minor < 1:
        yield TermsProblem(
            "422.651",
            "waived",
            words("Nothing would be left to pay."),
            words("A debt that is given up whole needs no plan: the office writes it off."),
        )


def _wrong_waiver(given: WaivedPart, owed: Money) -> TermsProblem:
    return TermsProblem(
        "422.651",
        "waived",
        words(
            "{amount} of {part} cannot be waived.",
            amount=str(given.amount),
            part=given.component.value,
        ),
        words("Choose an amount up to {most}.", most=str(owed)),
    )


def _large_waiver(given: WaivedPart, owed: Money, mandate: Mandate) -> TermsProblem:
    share = mandate.max_waiver.get(given.component, Decimal(0))
    most = Money(int(owed.amount_minor * share), owed.currency)
    return TermsProblem(
        "422.651",
        "waived",
        words(
            "{amount} of {part} is more than you may waive.",
            amount=str(given.amount),
            part=given.component.value,
        ),
        words("You may waive up to {most} of it.", most=str(most)),
        beyond=True,
    )


def down_payment_problems(
    terms: Terms, debt: DebtStatement, mandate: Mandate, today: date
) -> Iterator[TermsProblem]:
    """What is wrong with what is paid at once."""
    paid, due = terms.down_payment, terms.down_payment_due
    owed = financed(debt, terms)
    least = Money(-int(-(owed.amount_minor * mandate.min_down_payment)), owed.currency)
    if paid is None and due is None:
        if least.amount_minor > 0 and terms.kind is not PlanKind.SETTLEMENT:
            yield _small_down_payment(Money(0, owed.currency), least)
        return
    if (
        paid is None
        or not 0 < paid.amount_minor < owed.amount_minor
        or paid.currency != owed.currency
    ):
        yield TermsProblem(
            "422.652",
            "down_payment",
            words("The down payment must be more than nothing and less than the debt."),
            words("Choose an amount below {most}.", most=str(owed)),
        )
    elif paid < least:
        yield _small_down_payment(paid, least)
    if due is None or not today <= due < terms.first_due:
        yield TermsProblem(
            "422.652",
            "down_payment_due",
            words("The down payment must be due from today on, and before the first instalment."),
            words(
                "Choose a day from {today} to before {first_due}.",
                today=today.isoformat(),
                first_due=terms.first_due.isoformat(),
            ),
        )


def _small_down_payment(paid: Money, least: Money) -> TermsProblem:
    return TermsProblem(
        "422.652",
        "down_payment",
        words("A down payment of {paid} is less than you may accept.", paid=str(paid)),
        words("Ask for {least} or more, or propose the plan to the office.", least=str(least)),
        beyond=True,
    )
