"""A promise to pay, read from options or asked on a terminal: what cannot be meant is refused or asked again."""

from collections.abc import Callable
from datetime import date, datetime

import click

from agent_cli.actions.visit import Promise
from agent_cli.terminal_input import said
from fieldsync.conduct.promises import doubtful_day, doubtful_sum
from fieldsync.domain.case import Case
from fieldsync.domain.money import Money
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.output import cut
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words

_SHOWN = 30


def read_promise(case: Case, day: str | None, amount: str | None, now: datetime) -> Promise | None:
    """The promise, or None where neither part was said.

    InputError 600.9 or 600.15 for what is no day or no money, 600.20 for a day that is over, 600.21
    for more than is owed.
    """
    if day is None and amount is None:
        return None
    return Promise(_day(day or "", now), _money(case, amount or ""))


def ask_day(now: datetime) -> str:
    """The day, asked until it is one to come."""
    return _asked(_("When do they promise to pay? (YYYY-MM-DD)"), lambda text: _day(text, now))


def ask_amount(case: Case) -> str:
    """The sum, asked until it is one that is owed."""
    return _asked(_("How much do they promise?"), lambda text: _money(case, text))


def _asked(question: str, check: Callable[[str], object]) -> str:
    def read(text: str) -> str:
        try:
            check(text.strip())
        except InputError as error:
            raise click.BadParameter(said(error)) from error
        return text.strip()

    answer: str = click.prompt(question, value_proc=read, err=True)
    return answer


def _day(text: str, now: datetime) -> date:
    day = typed_day(text)
    doubt = doubtful_day(day, now)
    if doubt is not None:
        hint = words("Give the day on which they will pay: today or later.")
        raise InputError("600.20", doubt, hint)
    return day


def _money(case: Case, text: str) -> Money:
    loan = case.loan
    try:
        amount = Money.parse(text, loan.currency)
    except ValueError:
        amount = Money(0, loan.currency)
    if amount.amount_minor <= 0:
        raise InputError(
            "600.15",
            words("{amount} is not an amount of money.", amount=repr(cut(text, _SHOWN))),
            words("Give it in {currency}, such as 800.00.", currency=loan.currency),
        )
    doubt = doubtful_sum(amount, loan.outstanding)
    if doubt is not None:
        raise InputError(
            "600.21", doubt, words("Look at the sum again; was a digit too many typed?")
        )
    return amount
