"""`fieldsync-server import-staff`: bring officers and the pairs they walk in."""

from dataclasses import asdict
from pathlib import Path

import click

from fieldsync.errors import EXIT_FAILED
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json
from server.context import open_server
from server.workflow.import_staff import import_staff
from server.workflow.problem_lines import as_json, line


@click.command(
    cls=ExampleCommand,
    help=_(
        "Import officers and the pairs they walk in: one row a pair, as CSV or XLSX. A table with "
        "any wrong row changes nothing; importing it twice changes nothing either."
    ),
    examples=("fieldsync-server import-staff staff.csv",),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, file: Path, json_wanted: bool) -> int:
    """Import the file."""
    report = import_staff(open_server(home), file)
    if json_wanted:
        counts = asdict(report) | {"problems": [as_json(problem) for problem in report.problems]}
        say_json(counts)
    elif not report.problems:
        say(
            _(
                "Pairs: {new} new, {changed} changed, {unchanged} unchanged.",
                new=report.pairs_new,
                changed=report.pairs_changed,
                unchanged=report.pairs_unchanged,
            )
        )
    for problem in report.problems:
        note(line(problem))
    if report.problems:
        note(_("Nothing was imported: mend the rows and import the file again."))
        return EXIT_FAILED
    return 0
