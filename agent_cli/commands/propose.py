"""`fieldsync propose`: what the household can pay, and up to three plans that this carries; nothing is recorded."""

from typing import Any

import click

from agent_cli.actions.mandate import mandate_for
from agent_cli.actions.quote import debt_of
from agent_cli.budget_asked import budget_of
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.store.cases import load_case
from fieldsync.agreements.affordability import Budget, first_due_after, proposals
from fieldsync.agreements.wording import amount, figure, percent
from fieldsync.domain.agreement import Quote
from fieldsync.domain.codec import to_builtins
from fieldsync.errors import EXIT_REFUSED
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table

_BAR_CELLS = 10


@click.command(
    cls=ExampleCommand,
    help=_("Ask what comes in and goes out, and propose plans for CASE that the rest can carry."),
    examples=(
        "fieldsync propose NS-0001",
        "fieldsync propose NS-0001 --in wages=5200 --out housing=1800 --out food=250/week --pay-day 10",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--in",
    "comes",
    multiple=True,
    metavar="WHAT=AMOUNT",
    help=_("What comes in, such as wages=5200 or benefits=300/week; may be repeated."),
)
@click.option(
    "--out",
    "goes",
    multiple=True,
    metavar="WHAT=AMOUNT",
    help=_("What goes out, such as housing=1800; may be repeated."),
)
@click.option(
    "--pay-day",
    type=click.IntRange(1, 31),
    default=15,
    show_default=True,
    help=_("The day of the month on which paying is easiest."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(
    click_ctx: click.Context,
    case_id: str,
    *,
    comes: tuple[str, ...],
    goes: tuple[str, ...],
    pay_day: int,
    as_json: bool,
) -> None:
    """Propose."""
    options: Options = click_ctx.obj
    with open_device(options) as ctx:
        case = load_case(ctx.conn, case_id)
        mark_training(ctx)
        budget = budget_of(options, comes, goes, case.loan.currency)
        today = ctx.clock.now().date()
        first_due = first_due_after(today, pay_day)
        found = proposals(
            debt_of(case), budget.affordable, mandate_for(ctx, case), first_due, today
        )
    if as_json:
        say_json(_facts(case_id, budget, found))
    else:
        _show(case_id, budget, found)
    if not found:
        click_ctx.exit(EXIT_REFUSED)


def _facts(case_id: str, budget: Budget, found: tuple[Quote, ...]) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "income": to_builtins(budget.comes_in),
        "outgoings": to_builtins(budget.goes_out),
        "surplus": to_builtins(budget.surplus),
        "affordable_instalment": to_builtins(budget.affordable),
        "affordable": bool(found),
        "proposals": [to_builtins(quote) for quote in found],
    }


def _show(case_id: str, budget: Budget, found: tuple[Quote, ...]) -> None:
    say(
        _(
            "In {comes}, out {goes}, left {left}; an instalment may be {most} at most.",
            comes=figure(budget.comes_in),
            goes=figure(budget.goes_out),
            left=figure(budget.surplus),
            most=amount(budget.affordable),
        )
    )
    if not found:
        say(_("No plan is affordable. Hold collection, and refer the borrower to help."))
        note(_("Next: `fieldsync disclose {case_id}`; the hardship team answers.", case_id=case_id))
        return
    heads = [
        _("Months"), _("Instalment"), _("Total to pay"), _("Annualised rate"), _("First due"),
        _("Last day"), _("Of what is left"),
    ]  # fmt: skip
    say(render(name_of(found[0].terms.kind)))
    say(table([_line(quote, budget) for quote in found], heads))
    for quote in found:
        terms = quote.terms
        note(
            f"  fieldsync agree {case_id} --kind {terms.kind} --months {terms.months}"
            f" --first-due {terms.first_due}"
        )


def _line(quote: Quote, budget: Budget) -> list[str]:
    rows = quote.instalments
    most = max(row.amount for row in rows)
    share = most.amount_minor / max(budget.surplus.amount_minor, 1)
    cells = min(round(share * _BAR_CELLS), _BAR_CELLS)
    bar = "#" * cells + "." * (_BAR_CELLS - cells)
    return [
        str(quote.terms.months),
        figure(most),
        figure(quote.total_payable),
        percent(quote.effective_rate),
        rows[0].due.isoformat(),
        rows[-1].due.isoformat(),
        f"{bar} {share:.0%}",
    ]
