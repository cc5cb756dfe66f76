"""`fieldsync doctor`: check this device and say what to do."""

from pathlib import Path

import click

from agent_cli.actions.checkup import check_device, check_folder
from agent_cli.actions.rescue import rescue_damaged
from agent_cli.config import Options, home_of
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.unlock import unlock
from fieldsync.domain.check import Check
from fieldsync.errors import EXIT_DONE, LocalCopyError
from fieldsync.locale import _
from fieldsync.terminal.checks import say_checks
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say

_TIMEOUT_S = 5
_NOT_ENROLLED = "602.10"


@click.command(
    cls=ExampleCommand,
    help=_("Check this device: database, journal, keys, rules, disk, clock and server."),
    examples=(
        "fieldsync doctor",
        "fieldsync doctor --json",
        "fieldsync doctor --rescue records.json",
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option(
    "--rescue",
    "rescue_file",
    metavar="FILE",
    help=_("Write the records that can still be read from a damaged database."),
)
@click.pass_obj
def command(options: Options, *, as_json: bool, rescue_file: str | None) -> int:
    """Check; the exit code is 1 if anything failed."""
    if rescue_file is not None:
        return _rescue(options, Path(rescue_file))
    return say_checks(_checks(options), as_json=as_json)


def _checks(options: Options) -> list[Check]:
    """Every check; only the few that need no database where it does not open."""
    try:
        with open_device(options) as ctx:
            mark_training(ctx)
            return list(check_device(ctx, _TIMEOUT_S))
    except LocalCopyError as error:
        if error.code == _NOT_ENROLLED:
            raise
        return list(check_folder(home_of(options.home), error))


def _rescue(options: Options, path: Path) -> int:
    home = home_of(options.home)
    unlock(options, home)
    written = rescue_damaged(home, path)
    say(_("{count} records are in {path}.", count=written.records, path=str(path)))
    if written.unreadable:
        note(_("{count} records could not be read.", count=written.unreadable))
    note(_("Give this file and a copy of the folder to the office; it holds personal data."))
    return EXIT_DONE
