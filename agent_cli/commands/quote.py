"""`fieldsync quote`: work out an instalment plan, or several side by side; nothing is recorded."""

from datetime import date
from decimal import Decimal
from typing import Any

import click

from agent_cli.actions.mandate import mandate_for
from agent_cli.actions.quote import Offer, debt_of, quote_case
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.plan_json import quote_json
from agent_cli.plan_shown import (
    KINDS,
    day_option,
    rate_option,
    read_day,
    read_months,
    show_beyond,
    show_plan,
    show_side_by_side,
)
from agent_cli.plan_typed import TypedPlan, more_terms, read_more
from agent_cli.shown import mark_training
from agent_cli.store.cases import load_case
from agent_cli.terminal_input import may_ask
from fieldsync.domain.agreement import Terms
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say_json


@click.command(
    cls=ExampleCommand,
    help=_("Work out an instalment plan for CASE: the schedule and its annualised rate."),
    examples=(
        "fieldsync quote NS-0001 --months 12 --first-due 2026-12-25",
        "fieldsync quote NS-0001 --kind interest_free --months 6,12,24 --first-due 2026-12-25",
        "fieldsync quote NS-0001 --kind deferment --months 18 --grace principal:6 --first-due 2026-12-25",
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
@more_terms
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(
    options: Options,
    /,
    case_id: str,
    *,
    kind: str,
    months: str | None,
    first_due: date | None,
    rate: Decimal | None,
    as_json: bool,
    **more: Any,
) -> None:
    """Quote."""
    with open_device(options) as ctx:
        case = load_case(ctx.conn, case_id)
        mark_training(ctx)
        counts, due = _missing(options, months, first_due)
        debt, mandate = debt_of(case), mandate_for(ctx, case)
        plans = [TypedPlan(kind, count, due, rate, read_more(more)) for count in counts]
        offers = [quote_case(ctx, case, plan.terms(debt, mandate)) for plan in plans]
    if as_json:
        say_json({"case_id": case_id, "quotes": [quote_json(offer) for offer in offers]})
        return
    _show(offers)
    if not _more_said(more):
        said = _options(offers[-1].quote.terms, rate)
        note(_("Next: `fieldsync agree {case_id} {options}`.", case_id=case_id, options=said))


def _more_said(more: dict[str, Any]) -> bool:
    """Whether any of the further options was typed: they are repeated for `agree` by hand."""
    return any(value not in {None, ()} for value in more.values())


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


def _show(offers: list[Offer]) -> None:
    if len(offers) > 1:
        show_side_by_side([offer.quote for offer in offers])
    else:
        show_plan(offers[0].quote)
    for offer in offers:
        show_beyond(offer)


def _options(terms: Terms, rate: Decimal | None) -> str:
    """The options that sign this very plan; a rate only where one was named."""
    said = f"--kind {terms.kind} --months {terms.months} --first-due {terms.first_due}"
    return said if rate is None else f"{said} --rate {rate}"
