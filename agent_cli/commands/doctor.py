"""`fieldsync doctor`: check this device and say what to do."""

from pathlib import Path

import click

from agent_cli.actions.checkup import Check, Level, check_device, check_folder
from agent_cli.actions.rescue import rescue
from agent_cli.config import Options, home_of
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from fieldsync.errors import EXIT_DONE, EXIT_FAILED, LocalCopyError
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, style
from fieldsync.words import words

_TIMEOUT_S = 5
_NOT_ENROLLED = "602.10"
_LEVELS = {Level.OK: words("ok"), Level.WARN: words("warn"), Level.FAIL: words("fail")}
_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


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
        return _rescue(home_of(options.home), Path(rescue_file))
    checks = _checks(options)
    if as_json:
        say_json({"ok": not _failed(checks), "checks": [_facts(check) for check in checks]})
    else:
        for check in checks:
            mark = style(f"{render(_LEVELS[check.level]):<5}", fg=_COLOURS[check.level])
            say(f"{mark} {render(check.found)}")
            if check.advice is not None and check.level is not Level.OK:
                say(f"      {render(check.advice)}")
    return EXIT_FAILED if _failed(checks) else EXIT_DONE


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


def _rescue(home: Path, path: Path) -> int:
    written, unreadable = rescue(home, path)
    say(_("{count} records are in {path}.", count=written, path=str(path)))
    if unreadable:
        note(_("{count} records could not be read.", count=unreadable))
    note(_("Give this file and a copy of the folder to the office; it holds personal data."))
    return EXIT_DONE


def _failed(checks: list[Check]) -> bool:
    return any(check.level is Level.FAIL for check in checks)


def _facts(check: Check) -> dict[str, str | None]:
    return {
        "check": check.name,
        "level": check.level.value,
        "found": render(check.found),
        "advice": render(check.advice) if check.advice else None,
    }
