"""`fieldsync-server corrections`: what the field says is wrong in a case file, and the office's decision."""

import click

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.correction import CorrectionKind
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import labelled, note, say, say_json, table
from fieldsync.words import words
from server.commands.reads import looks_at
from server.commands.signed_by import decided
from server.context import ServerContext, open_server
from server.store.corrections import CorrectionState, StoredCorrection
from server.store.engine import reading
from server.store.pairs import officer_names
from server.workflow.decide_correction import decide_correction, get_correction, list_corrections

_ALL = "all"
_TAIL = 8
_STATES = {
    CorrectionState.PROPOSED: words("proposed"),
    CorrectionState.ACCEPTED: words("accepted"),
    CorrectionState.REFUSED: words("not accepted"),
}


@click.group(
    cls=ExampleGroup,
    help=_("Decide what officers propose to correct in a case file."),
    examples=(
        "fieldsync-server corrections list",
        'fieldsync-server corrections accept 4f2a91c0 --reason "the landlord confirms it"',
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List corrections that wait for the office."),
    examples=(
        "fieldsync-server corrections list",
        "fieldsync-server corrections list --state all --json",
    ),
)
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in CorrectionState), _ALL]),
    default=CorrectionState.PROPOSED.value,
    show_default=True,
    help=_("Which corrections."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, state: str, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    found = list_corrections(ctx, None if state == _ALL else CorrectionState(state))
    looks_at(ctx, "correction", *(stored.correction.case_id for stored in found))
    if as_json:
        say_json(to_builtins(found))
        return
    if not found:
        note(_("Nothing is waiting here."))
        return
    rows = [
        [
            stored.correction.correction_id[-_TAIL:],
            render(_STATES[stored.state]),
            stored.correction.case_id,
            render(name_of(stored.correction.kind)),
            stored.correction.wrong,
            stored.correction.right,
        ]
        for stored in found
    ]
    say(table(rows, [_("Id"), _("State"), _("Case"), _("What"), _("Wrong"), _("Right")]))
    note(_("Next: `fieldsync-server corrections show ID`."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_("Show one correction with who told it, and what was decided."),
    examples=("fieldsync-server corrections show 4f2a91c0",),
)
@click.argument("correction_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, correction_id: str, as_json: bool) -> None:
    """Show it."""
    ctx = open_server(home)
    stored = get_correction(ctx, correction_id)
    looks_at(ctx, "correction", stored.correction.case_id)
    if as_json:
        say_json(to_builtins(stored))
        return
    told = stored.correction
    lines = [
        (_("Correction"), told.correction_id),
        (_("Case"), told.case_id),
        (_("What"), render(name_of(told.kind))),
        (_("Wrong"), told.wrong),
        (_("Right"), told.right),
        (_("Told by"), told.told_by),
        (_("Officer"), _officer(ctx, stored)),
        (_("State"), render(_STATES[stored.state])),
        (_("Decided by"), stored.decided_by or ""),
        (_("Reason"), stored.reason or ""),
    ]
    say("\n".join(labelled(name, value) for name, value in lines if value))


def _officer(ctx: ServerContext, stored: StoredCorrection) -> str:
    with reading(ctx.engine) as conn:
        return officer_names(conn).get(stored.officer_id, stored.officer_id)


def _decision(name: str, text: str, example: str, *, accept: bool) -> None:
    """Add `accept` or `refuse`, which differ in nothing but the answer."""

    @command.command(name, cls=ExampleCommand, help=text, examples=(example,))
    @click.argument("correction_id", metavar="ID")
    @decided(_("Why; the officer reads it."))
    @click.pass_obj
    def decision(home: str | None, *, correction_id: str, reason: str, by: str) -> None:
        ctx = open_server(home)
        stored = decide_correction(ctx, correction_id, accept=accept, reason=reason, by=by)
        case_id = stored.correction.case_id
        say(f"{case_id}: {render(_STATES[stored.state])}")
        if accept and stored.correction.kind is CorrectionKind.WRONG_PERSON:
            note(
                _("Collection stays stopped until `fieldsync-server review lift {id}`.", id=case_id)
            )
        elif accept and stored.correction.right:
            note(_("Put what is right into the bank's book; it comes with the next import."))
        note(_("The officer's device is told at its next sync."))


_decision(
    "accept",
    _(
        "Accept a correction: the address is no longer visited, the number no longer called; of a wrong"
        " person collection stays stopped."
    ),
    'fieldsync-server corrections accept 4f2a91c0 --reason "the landlord confirms it"',
    accept=True,
)
_decision(
    "refuse",
    _("Leave the case file as it is; a hold that the proposal brought ends."),
    'fieldsync-server corrections refuse 4f2a91c0 --reason "the registry says otherwise" --by Li',
    accept=False,
)
