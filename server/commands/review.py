"""`fieldsync-server review`: what the field sent and a person must look at, and the decision."""

import getpass

import click

from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _, language, render
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, pick, say, say_json, style
from server.commands.show_operation import OUTCOMES, say_operation
from server.context import open_server
from server.store.operations import StoredOperation
from server.workflow.review_operations import decide, get_operation, list_operations

_ALL = "all"


@click.group(help=_("List and decide what the field sent."))
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
    found = list_operations(open_server(home), kind)
    if as_json:
        say_json([_line(stored) for stored in found])
        return
    if not found:
        note(_("Nothing is waiting here."))
        return
    for stored in found:
        _tell(stored)
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
    @click.pass_obj
    def decision(home: str | None, *, op_id: str, reason: str) -> None:
        stored = decide(
            open_server(home), op_id, accept=accept, reason=reason, by=f"office:{_who()}"
        )
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
    """Who sits at this terminal, for the audit log."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _tell(stored: StoredOperation) -> None:
    """An operation in three lines: its id stands whole, to be pasted, and the reason is never cut."""
    operation = stored.operation
    facts = [operation.kind, operation.case_id or "", stored.officer_id]
    say(style(operation.op_id, bold=True))
    say(f"  {render(OUTCOMES[stored.outcome.kind])} · {' · '.join(fact for fact in facts if fact)}")
    if stored.outcome.reason:
        say(f"  {pick(stored.outcome.reason.message, language())}")


def _line(stored: StoredOperation) -> dict[str, object]:
    operation = stored.operation
    return {
        "op_id": operation.op_id,
        "kind": operation.kind,
        "case_id": operation.case_id,
        "device_id": operation.device_id,
        "officer_id": stored.officer_id,
        "occurred_at": operation.occurred_at.isoformat(),
        "received_at": stored.received_at.isoformat(),
        "state": stored.outcome.kind.value,
        "reason": to_builtins(stored.outcome.reason),
    }
