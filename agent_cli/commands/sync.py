"""`fieldsync sync`: one exchange with the server, or one now and again in the background."""

import time
from dataclasses import replace

import click

from agent_cli.actions.attempt import attempt
from agent_cli.actions.background import last_words, start, stop
from agent_cli.actions.ending import until_ended
from agent_cli.actions.exchange import Progress
from agent_cli.actions.talk import remote_of
from agent_cli.actions.watch import Watch, alone, watch
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.exchange_shown import Meter, failed, line_of, moved, moved_before
from agent_cli.store import itineraries, journal, watch_log
from fieldsync.errors import FieldsyncError, UnreachableError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json

_EVERY_S = 60


@click.command(
    cls=ExampleCommand,
    help=_("Exchange with the server: your records go up, the day's work comes down."),
    examples=(
        "fieldsync sync",
        "fieldsync sync --json",
        "fieldsync sync --background",
        "fieldsync sync --stop",
    ),
)
@click.option(
    "--watch", "mode", flag_value="--watch", help=_("Go on exchanging until Ctrl-C, line by line.")
)
@click.option(
    "--background",
    "mode",
    flag_value="--background",
    help=_("Go on exchanging out of sight; the log is sync.log in the device's folder."),
)
@click.option("--stop", "mode", flag_value="--stop", help=_("End the background sync."))
@click.option(
    "--every",
    "every_s",
    type=click.IntRange(5, 86400),
    metavar="SECONDS",
    default=_EVERY_S,
    show_default=True,
    help=_("How often, where nothing is unsent; a new record goes at once."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--log", "to_log", is_flag=True, hidden=True)
@click.pass_obj
def command(
    options: Options, *, mode: str | None, every_s: int, as_json: bool, to_log: bool
) -> None:
    """Exchange once, or as the mode says."""
    if mode and as_json:
        raise click.UsageError(_("--json goes with a single exchange only."))
    with open_device(options) as ctx:
        if mode == "--watch":
            _watch(ctx, every_s, to_log=to_log)
        elif mode == "--background":
            _start(ctx, every_s)
        elif mode == "--stop":
            _stop(ctx)
        else:
            _once(ctx, as_json=as_json)


def _once(ctx: DeviceContext, *, as_json: bool) -> None:
    meter = Meter()

    def wait(seconds: float) -> None:
        meter.wait(seconds)
        time.sleep(seconds)

    remote = replace(remote_of(ctx), progress=meter.bytes_moved, wait=wait)
    try:
        done = attempt(ctx, remote, meter.records_moved)
    except UnreachableError:
        _say_moved(meter)
        raise
    finally:
        meter.clear()
    if as_json:
        say_json(_facts(ctx, done, meter))
    else:
        _say(ctx, done)


def _say_moved(meter: Meter) -> None:
    meter.clear()
    if before := moved_before(meter.done):
        note(before)


def _watch(ctx: DeviceContext, every_s: int, *, to_log: bool) -> None:
    def tell(line: str) -> None:
        text = f"{ctx.clock.now().isoformat(' ', 'seconds')} {line}"
        if to_log:
            watch_log.append(ctx.home, text)
        else:
            say(text)

    # A setting that is wrong is told before anything begins.
    remote_of(ctx)
    with alone(ctx), until_ended(ctx.home) as rest:
        parts = Watch(
            remote=lambda: replace(remote_of(ctx), wait=rest),
            rest=rest,
            tell=lambda told: tell(line_of(told)),
        )
        tell(_("Background sync begins."))
        try:
            watch(ctx, every_s, parts)
        except FieldsyncError as error:
            tell(failed(error))
            raise
    tell(_("Background sync has ended."))


def _start(ctx: DeviceContext, every_s: int) -> None:
    started = start(ctx.home, every_s)
    if started.exit_code is not None:
        note(last_words(ctx.home))
        click.get_current_context().exit(started.exit_code)
    say(_("Background sync is running (process {number}).", number=started.pid))
    note(_("`fieldsync status` shows what it does; `fieldsync sync --stop` ends it."))


def _stop(ctx: DeviceContext) -> None:
    if stop(ctx.home):
        say(_("Background sync has ended."))
    else:
        say(_("No background sync is running."))


def _facts(ctx: DeviceContext, done: Progress, meter: Meter) -> dict[str, object]:
    return {
        "bytes_up": meter.up,
        "bytes_down": meter.down,
        "sent": done.sent,
        "received": done.received,
        "files_uploaded": done.uploaded,
        "files_lost": done.lost,
        "full_copy": done.refreshed,
        "repaired": done.repaired,
        "records": journal.counts(ctx.conn),
        "days": [day.isoformat() for day in itineraries.days(ctx.conn)],
    }


def _say(ctx: DeviceContext, done: Progress) -> None:
    say(moved(done))
    if done.refreshed:
        note(_("The server asked for a full new copy; your records were kept."))
    if done.repaired:
        note(_("{count} rows differed and came again.", count=done.repaired))
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
