"""`fieldsync status`: what became of the records, in words."""

from datetime import datetime, timedelta

import click

from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.day_besides import besides_facts, say_besides
from agent_cli.decisions_shown import decision_line, recent
from agent_cli.last_exchange_shown import exchange_facts, say_exchanges
from agent_cli.packs_shown import refused_packs_facts, say_refused_packs
from agent_cli.shown import mark_training
from agent_cli.store import journal, meta
from agent_cli.store.decisions import decisions
from agent_cli.store.journal import Entry
from agent_cli.store.owed import Owed, owed_files
from agent_cli.store.states import JournalState
from fieldsync.locale import _, language, render
from fieldsync.locale.record_names import KINDS
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import pick, say, say_json, table
from fieldsync.words import words

_NEWS = timedelta(days=7)
STATES = {
    JournalState.UNSENT: words("only on this device"),
    JournalState.SENT: words("stored by the server"),
    JournalState.ACCEPTED: words("accepted"),
    JournalState.HELD: words("waiting for something"),
    JournalState.IN_REVIEW: words("the office is looking at it"),
    JournalState.REJECTED: words("rejected"),
    JournalState.QUARANTINED: words("kept apart by the office until someone looks"),
}
# Of the records above, those whose file the server does not have yet.
_AWAITS_FILE = words("waiting for its file")


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
            for decision in recent(decisions(ctx.conn), ctx.clock.now()):
                say(decision_line(decision))
            say_refused_packs(ctx.conn)
            say_besides(ctx)
            say_exchanges(ctx)


def _wants_a_look(entry: Entry, now: datetime) -> bool:
    """All that is not simply accepted, and for a week what a person at the office accepted."""
    if entry.state is not JournalState.ACCEPTED:
        return True
    return entry.reason is not None and now - datetime.fromisoformat(entry.recorded_at) < _NEWS


def _say(ctx: DeviceContext, counts: dict[str, int], listed: list[Entry]) -> None:
    owed = owed_files(ctx.conn)
    rows = [(render(STATES[s]), str(counts[s])) for s in JournalState]
    rows.append((render(_AWAITS_FILE), str(len(owed))))
    say(table(rows, (_("State"), _("Records"))))
    if listed:
        say("")
        head = ("#", _("Recorded"), _("Record"), _("Case"), _("State"))
        say(table([_row(entry, owed.get(entry.op_id)) for entry in listed], head))
        _say_reasons(listed)


def _say_reasons(listed: list[Entry]) -> None:
    """Each reason whole, under the list: in a column of it the end would be cut away."""
    told = [(entry.seq, entry.reason) for entry in listed if entry.reason is not None]
    if told:
        say("")
    for seq, reason in told:
        say(f"#{seq}: {pick(reason.message, language())}")


def _row(entry: Entry, owed: Owed | None) -> tuple[str, ...]:
    kind = KINDS.get(entry.kind)
    state = STATES[entry.state]
    if owed is not None and entry.state is not JournalState.UNSENT:
        state = _AWAITS_FILE
    return (
        str(entry.seq),
        entry.recorded_at[5:16].replace("T", " "),
        render(kind) if kind else entry.kind,
        entry.case_id or "",
        render(state),
    )


def _facts(ctx: DeviceContext, counts: dict[str, int], listed: list[Entry]) -> dict[str, object]:
    owed = owed_files(ctx.conn)
    return {
        "device_id": ctx.identity.device_id,
        "officer_id": ctx.identity.officer_id,
        "server_url": ctx.identity.server_url,
        "training": ctx.identity.training,
        "last_exchange_at": meta.read(ctx.conn, "last_exchange_at"),
        **exchange_facts(ctx),
        **besides_facts(ctx),
        **refused_packs_facts(ctx.conn),
        "records": counts,
        "decisions": list(decisions(ctx.conn)),
        "files_waiting": sum(files.count for files in owed.values()),
        "bytes_waiting": sum(files.size for files in owed.values()),
        "operations": [
            {
                "seq": entry.seq,
                "op_id": entry.op_id,
                "kind": entry.kind,
                "case_id": entry.case_id,
                "recorded_at": entry.recorded_at,
                "state": entry.state.value,
                "files_waiting": owed[entry.op_id].count if entry.op_id in owed else 0,
                "reason": None
                if entry.reason is None
                else {"code": entry.reason.code, "message": dict(entry.reason.message)},
            }
            for entry in listed
        ],
    }
