"""`fieldsync-server import-rescue`: take in what a dead, copied or revoked device still held."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fieldsync.errors import EXIT_FAILED
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json
from server.context import open_server
from server.workflow.import_rescue import import_rescue
from server.workflow.rescue_report import Entry, Fate, RescueProblem, RescueReport

_SHOWN_PROBLEMS = 20


@click.command(
    cls=ExampleCommand,
    help=_(
        "Import a rescue file, which a device wrote with `export --rescue` or `doctor --rescue`. Every"
        " record is verified by its own signature. What continues the device's log is stored like a"
        " push; the rest waits in quarantine. Importing a file twice changes nothing."
    ),
    examples=(
        "fieldsync-server import-rescue rescue.json --dry-run",
        "fieldsync-server import-rescue rescue.json",
        "fieldsync-server import-rescue rescue.json --json",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("Show what would happen and change nothing."))
@click.option("--json", "json_wanted", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, file: Path, dry_run: bool, json_wanted: bool) -> int:
    """Import the file; the exit code is 1 where an entry was refused."""
    report = import_rescue(open_server(home), file, dry_run=dry_run)
    if json_wanted:
        say_json(_as_json(report, dry_run=dry_run))
    else:
        _tell(report)
    _warn(report, dry_run=dry_run)
    return EXIT_FAILED if report.problems else 0


def _tell(report: RescueReport) -> None:
    records, files = report.records, report.files
    say(
        _(
            "Records: {stored} stored, {there} already there, {apart} in quarantine, {refused} refused.",
            stored=records[Fate.STORED],
            there=records[Fate.ALREADY_THERE],
            apart=records[Fate.QUARANTINED],
            refused=records[Fate.REFUSED],
        )
    )
    if files.total():
        say(
            _(
                "Files: {stored} stored, {there} already there, {refused} refused.",
                stored=files[Fate.STORED],
                there=files[Fate.ALREADY_THERE],
                refused=files[Fate.REFUSED],
            )
        )


def _warn(report: RescueReport, *, dry_run: bool) -> None:
    """What was refused, what the device could not read, and the next step; on stderr."""
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        note(_line(problem))
    if len(report.problems) > _SHOWN_PROBLEMS:
        note(_("... and {count} more problems.", count=len(report.problems) - _SHOWN_PROBLEMS))
    if report.unreadable:
        note(_("The device could not read {count} of its records.", count=report.unreadable))
    if dry_run:
        note(_("This was a preview; nothing was changed."))
    elif report.records[Fate.QUARANTINED]:
        note(_("Next: `fieldsync-server review list --state quarantined`."))


def _line(problem: RescueProblem) -> str:
    """Which entry, which part of it, what is wrong, what to do, and the code."""
    number, part = problem.number, problem.field
    if problem.entry is Entry.RECORD:
        place = _("record {number}, {part}", number=number, part=part)
    else:
        place = _("file {number}, {part}", number=number, part=part)
    fault = problem.fault
    advice = _("{message} {hint} [{code}]", message=fault.message, hint=fault.hint, code=fault.code)
    return _("{place}: {advice}", place=place, advice=advice)


def _as_json(report: RescueReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "records": _counts(report.records),
        "files": _counts(report.files),
        "unreadable": report.unreadable,
        "problems": [
            {
                "entry": problem.entry.value,
                "number": problem.number,
                "field": problem.field,
                "code": problem.fault.code,
                "message": render(problem.fault.message),
                "hint": render(problem.fault.hint),
            }
            for problem in report.problems
        ],
    }


def _counts(counted: Mapping[Fate, int]) -> dict[str, int]:
    return {fate.value: counted[fate] for fate in Fate}
