"""A household's budget as it is typed or asked: an amount a category, by week, month or year."""

import click

from agent_cli.config import Options
from agent_cli.terminal_input import may_ask
from fieldsync.agreements.affordability import (
    SHORT_INCOME,
    SHORT_OUTGOINGS,
    Budget,
    Every,
    Income,
    Outgoing,
    monthly,
)
from fieldsync.domain.money import Money
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import note


def budget_of(
    options: Options, comes: tuple[str, ...], goes: tuple[str, ...], currency: str
) -> Budget:
    """The budget from the options; asked for on a terminal where nothing was typed.

    click.BadParameter says which part cannot be read; click.UsageError where nobody can be asked.
    """
    if comes or goes:
        return Budget(_income(comes, currency), _outgoings(goes, currency), currency)
    if not may_ask(options):
        raise click.UsageError(_("Give --in and --out, such as --in wages=5200."))
    note(
        _("By the month, in {currency}; write 100/week or 1200/year for others.", currency=currency)
    )
    note(_("Enter alone means nothing. None of it is kept."))
    income = {one: _asked(render(name_of(one)), currency) for one in SHORT_INCOME}
    outgoings = {one: _asked(render(name_of(one)), currency) for one in SHORT_OUTGOINGS}
    return Budget(income, outgoings, currency)


def _asked(name: str, currency: str) -> Money:
    """One amount; what cannot be read is asked again, and only that."""

    def read(text: str) -> Money:
        return _amount(text, currency)

    found: Money = click.prompt(
        f"  {name}", default="0", show_default=False, value_proc=read, err=True
    )
    return found


def _income(typed: tuple[str, ...], currency: str) -> dict[Income, Money]:
    found: dict[Income, Money] = {}
    for text in typed:
        name, amount = _pair(text, "--in", [one.value for one in Income])
        found[Income(name)] = found.get(Income(name), Money(0, currency)) + _amount(
            amount, currency
        )
    return found


def _outgoings(typed: tuple[str, ...], currency: str) -> dict[Outgoing, Money]:
    found: dict[Outgoing, Money] = {}
    for text in typed:
        name, amount = _pair(text, "--out", [one.value for one in Outgoing])
        part = Outgoing(name)
        found[part] = found.get(part, Money(0, currency)) + _amount(amount, currency)
    return found


def _pair(text: str, option: str, names: list[str]) -> tuple[str, str]:
    name, equals, amount = text.partition("=")
    if not equals or name not in names:
        raise click.BadParameter(
            _("Write a category and an amount; one of: {names}.", names=", ".join(names)),
            param_hint=option,
        )
    return name, amount


def _amount(text: str, currency: str) -> Money:
    """5200, 100/week, 1200/year; click.BadParameter where it is none of these, or below zero."""
    amount, slash, every = text.strip().partition("/")
    if slash and every not in list(Every):
        raise click.BadParameter(
            _(
                "{text} is not how often; write one of: {names}.",
                text=repr(every),
                names=", ".join(Every),
            )
        )
    try:
        found = Money.parse(amount.replace(",", ""), currency)
    except ValueError as error:
        raise click.BadParameter(
            _("{text} is not an amount in {currency}.", text=repr(amount), currency=currency)
        ) from error
    if found.amount_minor < 0:
        raise click.BadParameter(_("An amount cannot be below zero."))
    return monthly(found, Every(every) if slash else Every.MONTH)
