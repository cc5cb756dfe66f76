"""`fieldsync status`: what became of the records, in words."""

from datetime import datetime, timedelta

import click

from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.shown import mark_training
from agent_cli.store import journal, meta
from agent_cli.store.journal import Entry
from agent_cli.store.states import JournalState
from fieldsync.locale import _, language, render
from fieldsync.locale.record_names import KINDS
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, pick, say, say_json, table
from fieldsync.words import words

_NEWS = timedelta(days=7)
STATES = {
    JournalState.UNSENT: words("only on this device"),
    JournalState.SENT: words("stored by the server"),
    JournalState.ACCEPTED: words("accepted"),
    JournalState.HELD: words("waiting for something"),
    JournalState.IN_REVIEW: words("the office is looking at it"),
    JournalState.REJECTED: words("rejected"),
}


@click.command(
    cls=ExampleCommand,
    help=_("Show which records are sent, accepted, in review or rejected, and why."),
    examples=("fieldsync status", "fieldsync status --json"),
)
@click.option("--all", "show_all", is_flag=True, help=_("List accepted records too."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(options: Options, *, show_all: bool, as_json: bool) -> None:
    """Tell."""
    with open_device(options) as ctx:
        counts = journal.counts(ctx.conn)
        listed = [
            entry
            for entry in journal.entries(ctx.conn)
            if show_all or as_json or _wants_a_look(entry, ctx.clock.now())
        ]
        mark_training(ctx)
        if as_json:
            say_json(_facts(ctx, counts, listed))
        else:
            _say(ctx, counts, listed)


def _wants_a_look(entry: Entry, now: datetime) -> bool:
    """All that is not simply accepted, and for a week what a person at the office accepted."""
    if entry.state is not JournalState.ACCEPTED:
        return True
    return entry.reason is not None and now - datetime.fromisoformat(entry.recorded_at) < _NEWS


def _say(ctx: DeviceContext, counts: dict[str, int], listed: list[Entry]) -> None:
    say(
        table(
            [(render(STATES[s]), str(counts[s])) for s in JournalState], (_("State"), _("Records"))
        )
    )
    if listed:
        say("")
        head = ("#", _("Recorded"), _("Record"), _("Case"), _("State"))
        say(table([_row(entry) for entry in listed], head))
        _say_reasons(listed)
    last = meta.read(ctx.conn, "last_exchange_at")
    note(_("Last exchange: {time}.", time=last[:16].replace("T", " ") if last else _("never")))
    if counts[JournalState.UNSENT]:
        note(_("Next: `fieldsync sync`."))


def _say_reasons(listed: list[Entry]) -> None:
    """Each reason whole, under the list: in a column of it the end would be cut away."""
    told = [(entry.seq, entry.reason) for entry in listed if entry.reason is not None]
    if told:
        say("")
    for seq, reason in told:
        say(f"#{seq}: {pick(reason.message, language())}")


def _row(entry: Entry) -> tuple[str, ...]:
    kind = KINDS.get(entry.kind)
    return (
        str(entry.seq),
        entry.recorded_at[5:16].replace("T", " "),
        render(kind) if kind else entry.kind,
        entry.case_id or "",
        render(STATES[entry.state]),
    )


def _facts(ctx: DeviceContext, counts: dict[str, int], listed: list[Entry]) -> dict[str, object]:
    return {
        "device_id": ctx.identity.device_id,
        "officer_id": ctx.identity.officer_id,
        "server_url": ctx.identity.server_url,
        "training": ctx.identity.training,
        "last_exchange_at": meta.read(ctx.conn, "last_exchange_at"),
        "records": counts,
        "operations": [
            {
                "seq": entry.seq,
                "op_id": entry.op_id,
                "kind": entry.kind,
                "case_id": entry.case_id,
                "recorded_at": entry.recorded_at,
                "state": entry.state.value,
                "reason": None
                if entry.reason is None
                else {"code": entry.reason.code, "message": dict(entry.reason.message)},
            }
            for entry in listed
        ],
    }
