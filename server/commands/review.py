"""`fieldsync-server review`: what the field sent and a person must look at, and the decision."""

import getpass

import click

from fieldsync.locale import _, render
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json
from server.commands.review_table import review_rows, review_table
from server.commands.show_operation import OUTCOMES, say_operation
from server.context import open_server
from server.workflow.review_operations import decide, get_operation, list_operations

_ALL = "all"


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
    help=_("List operations in a state, with the reason."),
    examples=(
        "fieldsync-server review list",
        "fieldsync-server review list --state held",
        "fieldsync-server review list --state all --json",
    ),
)
@click.option(
    "--state",
    type=click.Choice([*(kind.value for kind in OutcomeKind), _ALL]),
    default=OutcomeKind.IN_REVIEW.value,
    show_default=True,
    help=_("Which operations."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, state: str, as_json: bool) -> None:
    """List them."""
    kind = None if state == _ALL else OutcomeKind(state)
    ctx = open_server(home)
    found = list_operations(ctx, kind)
    if as_json:
        say_json(review_rows(ctx, found))
        return
    if not found:
        note(_("Nothing is waiting here."))
        return
    say(review_table(ctx, found, states=kind is None))
    note(_("Next: `fieldsync-server review show OPERATION`."))


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
    say_operation(get_operation(open_server(home), op_id), as_json=as_json)


def _decision(name: str, text: str, example: str, *, accept: bool) -> None:
    """Add `accept` or `refuse`, which differ in nothing but the answer."""

    @command.command(name, cls=ExampleCommand, help=text, examples=(example,))
    @click.argument("op_id", metavar="OPERATION")
    @click.option("--reason", required=True, metavar="TEXT", help=_("Why; the officer reads it."))
    @click.option(
        "--by", metavar="NAME", help=_("Who decides; by default who is signed in to this machine.")
    )
    @click.pass_obj
    def decision(home: str | None, *, op_id: str, reason: str, by: str | None) -> None:
        who = _who() if by is None else by
        stored = decide(open_server(home), op_id, accept=accept, reason=reason, by=who)
        say(f"{op_id}: {render(OUTCOMES[stored.outcome.kind])}")
        note(_("The officer's device is told at its next sync."))


_decision(
    "accept",
    _("Accept an operation that is in review or held: what it says becomes true."),
    'fieldsync-server review accept OPERATION --reason "compared with the branch\'s book"',
    accept=True,
)
_decision(
    "refuse",
    _("Refuse an operation that is in review or held: it is kept, and has no effect."),
    'fieldsync-server review refuse OPERATION --reason "the debt was paid on 20 November"',
    accept=False,
)


def _who() -> str:
    """Who is signed in to this machine; nobody where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
