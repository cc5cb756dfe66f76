"""How instalment plans are typed and shown: months, rates and days read, schedules as tables."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import click

from agent_cli.actions.quote import Offer
from fieldsync.agreements.wording import (
    amount,
    figure,
    method_name,
    percent,
    rate_and_method,
)
from fieldsync.domain.agreement import Instalment, PlanKind, Quote
from fieldsync.domain.money import Money
from fieldsync.locale import _, render
from fieldsync.locale.agreement_names import PLAN_KINDS
from fieldsync.terminal.output import note, say, table

KINDS = click.Choice([kind.value for kind in PlanKind])


def read_day(text: str) -> date:
    """A day as YYYY-MM-DD; click.BadParameter says what is wrong."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise click.BadParameter(
            _("{text} is not a day; write it as 2026-12-25.", text=repr(text))
        ) from error


def read_rate(text: str) -> Decimal:
    """A yearly rate, 0.06 or 6%; click.BadParameter says what is wrong."""
    bare = text.strip()
    try:
        number = Decimal(bare.removesuffix("%").strip())
    except InvalidOperation as error:
        raise click.BadParameter(
            _("{text} is not a rate; write 0.06 or 6%.", text=repr(text))
        ) from error
    return number / 100 if bare.endswith("%") else number


def read_count(text: str) -> int:
    """A number of months; click.BadParameter says what is wrong."""
    counts = read_months(text)
    if len(counts) != 1:
        raise click.BadParameter(_("{text} is not a number of months.", text=repr(text)))
    return counts[0]


def ask_kind() -> str:
    """How the debt is spread, asked with the names of the kinds beside their codes."""
    rows = [(kind.value, render(name)) for kind, name in PLAN_KINDS.items()]
    note(table(rows, (_("Code"), _("Meaning"))))
    kind: str = click.prompt(_("How the debt is spread"), type=KINDS, show_choices=False, err=True)
    return kind


def read_months(text: str) -> tuple[int, ...]:
    """12, or several with commas between (6,12,24); click.BadParameter says what is wrong."""
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError as error:
        raise click.BadParameter(_("{text} is not a number of months.", text=repr(text))) from error


def day_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """`read_day` for an option that may be left out."""
    return None if value is None else read_day(value)


def count_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """`read_count` for an option that may be left out."""
    return None if value is None else read_count(value)


def rate_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    """`read_rate` for an option that may be left out."""
    return None if value is None else read_rate(value)


def show_plan(quote: Quote) -> None:
    """One plan: its whole schedule, what it costs and how the rate was worked out."""
    with_fee = quote.fees.amount_minor > 0
    fee = [_("Fee")] if with_fee else []
    head = (_("No."), _("Due"), _("Principal"), _("Interest"), *fee, _("To pay"), _("Left to pay"))
    rows = [_row(row, with_fee=with_fee) for row in quote.instalments]
    sums = ["", _("Total"), figure(quote.financed), figure(quote.interest)]
    sums += [figure(quote.fees)] if with_fee else []
    rows.append([*sums, figure(quote.total_payable), ""])
    if quote.waived.amount_minor:
        say(
            _(
                "The bank waives {waived} of {owed}.",
                waived=amount(quote.waived),
                owed=amount(quote.debt.owed),
            )
        )
    say(
        _(
            "{kind} over {months} months, {owed}",
            kind=PLAN_KINDS[quote.terms.kind],
            months=quote.terms.months,
            owed=amount(quote.financed),
        )
    )
    say(table(rows, head))
    say(_("Annualised rate: {rate}", rate=rate_and_method(quote)))


def show_beyond(offer: Offer) -> None:
    """What of the plan the officer may not offer alone."""
    if offer.beyond:
        note(
            _("This is more than you may offer alone: it can be proposed, and the office decides.")
        )
        for problem in offer.beyond:
            note(f"  - {render(problem.message)} {render(problem.hint)}")


def show_side_by_side(quotes: Sequence[Quote]) -> None:
    """Several plans, one a line, to choose from at the table."""
    head = (
        _("Months"),
        _("First instalment"),
        _("Last instalment"),
        _("Interest"),
        _("Total to pay"),
        _("Annualised rate"),
        _("Last day"),
    )
    say(
        _(
            "{kind}, {owed}",
            kind=PLAN_KINDS[quotes[0].terms.kind],
            owed=amount(quotes[0].financed),
        )
    )
    say(table([_line(quote) for quote in quotes], head))
    say(_("Rate: {method}.", method=method_name(quotes[-1])))


def _row(row: Instalment, *, with_fee: bool) -> list[str]:
    fee = [row.fee or Money(0, row.principal.currency)] if with_fee else []
    money = (row.principal, row.interest, *fee, row.amount, row.balance)
    return [_number(row), row.due.isoformat(), *map(figure, money)]


def _number(row: Instalment) -> str:
    return str(row.number) if row.number else _("down")


def _line(quote: Quote) -> list[str]:
    return [
        str(quote.terms.months),
        figure(quote.instalments[0].amount),
        figure(quote.instalments[-1].amount),
        figure(quote.interest),
        figure(quote.total_payable),
        percent(quote.effective_rate),
        quote.instalments[-1].due.isoformat(),
    ]
