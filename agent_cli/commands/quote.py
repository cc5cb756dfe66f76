"""`fieldsync quote`: work out an instalment plan, or several side by side; nothing is recorded."""

from datetime import date
from decimal import Decimal

import click

from agent_cli.actions.quote import quote_case
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.plan_shown import (
    KINDS,
    day_option,
    rate_option,
    read_day,
    read_months,
    show_plan,
    show_side_by_side,
)
from agent_cli.shown import mark_training
from agent_cli.store.cases import load_case
from agent_cli.terminal_input import may_ask
from fieldsync.agreements.terms import HOUSE_MANDATE, terms_of
from fieldsync.domain.agreement import PlanKind, Quote, Terms
from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say_json


@click.command(
    cls=ExampleCommand,
    help=_("Work out an instalment plan for CASE: the schedule and its annualised rate."),
    examples=(
        "fieldsync quote NS-0001 --months 12 --first-due 2026-12-25",
        "fieldsync quote NS-0001 --kind interest_free --months 6,12,24 --first-due 2026-12-25",
        "fieldsync quote NS-0001 --months 12 --first-due 2026-12-25 --rate 4.5% --json",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--kind", type=KINDS, default="annuity", show_default=True, help=_("How the debt is spread.")
)
@click.option("--months", metavar="N[,N...]", help=_("Number of instalments, one or several."))
@click.option(
    "--first-due", metavar="DAY", callback=day_option, help=_("First due day (YYYY-MM-DD).")
)
@click.option("--rate", metavar="RATE", callback=rate_option, help=_("Yearly rate, 0.06 or 6%."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(
    options: Options,
    case_id: str,
    *,
    kind: str,
    months: str | None,
    first_due: date | None,
    rate: Decimal | None,
    as_json: bool,
) -> None:
    """Quote."""
    with open_device(options) as ctx:
        case = load_case(ctx.conn, case_id)
        mark_training(ctx)
        counts, due = _missing(options, months, first_due)
        quotes = [
            quote_case(ctx, case, terms_of(PlanKind(kind), count, due, rate, HOUSE_MANDATE))
            for count in counts
        ]
    if as_json:
        say_json({"case_id": case_id, "quotes": [to_builtins(quote) for quote in quotes]})
    else:
        _show(quotes)
        note(
            _(
                "Next: `fieldsync agree {case_id} {options}`.",
                case_id=case_id,
                options=_options(quotes[-1].terms, rate),
            )
        )


def _missing(
    options: Options, months: str | None, first_due: date | None
) -> tuple[tuple[int, ...], date]:
    """Ask for what was left out where a person can answer."""
    if not may_ask(options) and (months is None or first_due is None):
        raise click.UsageError(_("Give --months and --first-due."))
    counts = (
        click.prompt(_("Number of instalments"), value_proc=read_months, err=True)
        if months is None
        else read_months(months)
    )
    due = first_due or click.prompt(_("First due day"), value_proc=read_day, err=True)
    return counts, due


def _show(quotes: list[Quote]) -> None:
    if len(quotes) > 1:
        show_side_by_side(quotes)
    else:
        show_plan(quotes[0])


def _options(terms: Terms, rate: Decimal | None) -> str:
    """The options that sign this very plan; a rate only where one was named."""
    said = f"--kind {terms.kind} --months {terms.months} --first-due {terms.first_due}"
    return said if rate is None else f"{said} --rate {rate}"
