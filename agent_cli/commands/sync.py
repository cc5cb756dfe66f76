"""`fieldsync sync`: one exchange with the server, up and down."""

import sys

import click

from agent_cli.actions.exchange import Progress, exchange
from agent_cli.config import Options, sound_value
from agent_cli.context import DeviceContext, open_device
from agent_cli.keys import REQUEST_KEY, load_key
from agent_cli.remote import Remote
from agent_cli.store import itineraries, journal
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json


@click.command(
    cls=ExampleCommand,
    help=_("Exchange with the server: your records go up, the day's work comes down."),
    examples=("fieldsync sync", "fieldsync sync --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(options: Options, *, as_json: bool) -> None:
    """Exchange once."""
    with open_device(options) as ctx:
        remote = Remote(
            url=ctx.identity.server_url,
            key_id=ctx.identity.device_id,
            key=load_key(ctx.keys, REQUEST_KEY),
            clock=ctx.clock,
            randomness=ctx.randomness,
            timeout_s=int(sound_value(ctx.home, "timeout_s")),
            ca_file=sound_value(ctx.home, "ca_file"),
        )
        done = exchange(ctx, remote, _report)
        if as_json:
            say_json(_facts(ctx, done))
            return
        _say(ctx, done)


def _report(done: Progress) -> None:
    if sys.stderr.isatty():
        note(
            _("{sent} records up, {received} changes down", sent=done.sent, received=done.received)
        )


def _facts(ctx: DeviceContext, done: Progress) -> dict[str, object]:
    return {
        "sent": done.sent,
        "received": done.received,
        "files_uploaded": done.uploaded,
        "files_lost": done.lost,
        "full_copy": done.refreshed,
        "records": journal.counts(ctx.conn),
        "days": [day.isoformat() for day in itineraries.days(ctx.conn)],
    }


def _say(ctx: DeviceContext, done: Progress) -> None:
    say(
        _(
            "Synced: {sent} records up, {received} changes down, {files} files sent.",
            sent=done.sent,
            received=done.received,
            files=done.uploaded,
        )
    )
    if done.refreshed:
        note(_("The server asked for a full new copy; your records were kept."))
    if done.lost:
        note(
            _(
                "{count} files of your records are gone from this device: tell the office. The"
                " records themselves are safe.",
                count=done.lost,
            )
        )
    counts = journal.counts(ctx.conn)
    open_ones = counts["held"] + counts["in_review"] + counts["rejected"]
    if open_ones:
        note(_("{count} records need a look: `fieldsync status`.", count=open_ones))
    days = itineraries.days(ctx.conn)
    if days:
        note(_("Next: `fieldsync today`."))
    else:
        note(_("No day is planned for you yet."))
