"""`fieldsync-server review`: what the field sent and a person must look at, and the decision."""

import click

from fieldsync.domain.case import HoldKind
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import listed, note, pick, say, say_json
from server.commands.quarantine_shown import (
    QUARANTINED,
    quarantine_rows,
    quarantine_table,
    say_quarantined,
)
from server.commands.review_table import review_rows, review_table
from server.commands.show_operation import OUTCOMES, say_operation
from server.commands.signed_by import decided
from server.context import open_server
from server.workflow.examine_visits import overdue_visits
from server.workflow.lift_hold import lift
from server.workflow.review_operations import decide, get_operation, list_operations
from server.workflow.review_quarantine import (
    decide_quarantined,
    list_quarantined,
    quarantined_named,
)

_ALL = "all"
_WITH_QUARANTINE = frozenset({OutcomeKind.IN_REVIEW.value, QUARANTINED, _ALL})


@click.group(
    cls=ExampleGroup,
    help=_("List and decide what the field sent."),
    examples=("fieldsync-server review list", "fieldsync-server review show OPERATION"),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_(
        "List operations in a state, with the reason; beside those in review, the records in"
        " quarantine."
    ),
    examples=(
        "fieldsync-server review list",
        "fieldsync-server review list --state held",
        "fieldsync-server review list --state quarantined",
        "fieldsync-server review list --state all --json",
    ),
)
@click.option(
    "--state",
    type=click.Choice([*(kind.value for kind in OutcomeKind), QUARANTINED, _ALL]),
    default=OutcomeKind.IN_REVIEW.value,
    show_default=True,
    help=_("Which operations."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, state: str, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    found = [] if state == QUARANTINED else list_operations(ctx, _kind(state))
    apart = list_quarantined(ctx) if state in _WITH_QUARANTINE else []
    if as_json:
        say_json([*review_rows(ctx, found), *quarantine_rows(ctx, apart)])
        return
    overdue = overdue_visits(ctx)
    if overdue is not None:
        note(render(overdue))
    if not found and not apart:
        note(_("Nothing is waiting here."))
        return
    if found:
        say(review_table(ctx, found, states=state == _ALL))
    if apart:
        say(("\n" if found else "") + _("In quarantine, in no log of the server:"))
        say(quarantine_table(ctx, apart))
    note(_("Next: `fieldsync-server review show OPERATION`."))


def _kind(state: str) -> OutcomeKind | None:
    return None if state == _ALL else OutcomeKind(state)


@command.command(
    "show",
    cls=ExampleCommand,
    help=_("Show an operation, for an agreement beside what the server has."),
    examples=("fieldsync-server review show 0192f6a4-0000-7000-8000-000000000001",),
)
@click.argument("op_id", metavar="OPERATION")
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, op_id: str, as_json: bool) -> None:
    """Show it."""
    ctx = open_server(home)
    apart = quarantined_named(ctx, op_id)
    if apart is not None:
        say_quarantined(ctx, apart, as_json=as_json)
        return
    say_operation(ctx, get_operation(ctx, op_id), as_json=as_json)


def _decision(name: str, text: str, example: str, *, accept: bool) -> None:
    """Add `accept` or `refuse`, which differ in nothing but the answer."""

    @command.command(name, cls=ExampleCommand, help=text, examples=(example,))
    @click.argument("op_id", metavar="OPERATION")
    @decided(_("Why; the officer reads it."))
    @click.pass_obj
    def decision(home: str | None, *, op_id: str, reason: str, by: str) -> None:
        ctx = open_server(home)
        apart = quarantined_named(ctx, op_id)
        if apart is None:
            outcome = decide(ctx, op_id, accept=accept, reason=reason, by=by).outcome
        else:
            outcome = decide_quarantined(ctx, apart.hash, accept=accept, reason=reason, by=by)
        say(f"{op_id}: {render(OUTCOMES[outcome.kind])}")
        if accept and outcome.kind is not OutcomeKind.ACCEPTED and outcome.reason:
            note(pick(outcome.reason.message, language()))
        note(_("The officer's device is told at its next sync."))


_decision(
    "accept",
    _(
        "Accept an operation that is in review or held: what it says becomes true. A record in"
        " quarantine is taken in, and judged as if it had just come."
    ),
    'fieldsync-server review accept OPERATION --reason "compared with the branch\'s book"',
    accept=True,
)
_decision(
    "refuse",
    _(
        "Refuse an operation that is in review, held or in quarantine: it is kept, and has no effect."
    ),
    'fieldsync-server review refuse OPERATION --reason "the debt was paid on 20 November"',
    accept=False,
)


@command.command(
    "lift",
    cls=ExampleCommand,
    help=_("Lift a hold: collection on the case may go on, on every device from its next sync."),
    examples=(
        'fieldsync-server review lift NS-0001 --reason "well again, asked us to call"',
        'fieldsync-server review lift NS-0001 --hold 4f2a91c0 --reason "dispute answered" --by Li',
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option("--hold", "hold_id", metavar="ID", help=_("Which hold, where there are several."))
@decided(_("Why; it is kept with the hold."))
@click.pass_obj
def lift_(home: str | None, *, case_id: str, hold_id: str | None, reason: str, by: str) -> None:
    """Lift it."""
    lifted, left = lift(open_server(home), case_id, reason=reason, by=by, hold_id=hold_id)
    say(_("{case_id}: the hold ({kind}) is lifted.", case_id=case_id, kind=name_of(lifted.kind)))
    if lifted.kind is HoldKind.AGREEMENT:
        note(_("The instalment plan counts as broken from now on."))
    if left:
        kinds = listed(render(name_of(hold.kind)) for hold in left)
        note(_("Collection stays stopped: {kinds}.", kinds=kinds))
    else:
        note(_("The devices learn it at their next sync."))
