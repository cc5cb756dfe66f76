"""`fieldsync-server notices import-answers`: take down what many borrowers answered, from a table."""

from pathlib import Path

import click

from fieldsync.errors import EXIT_FAILED
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say, say_json
from server.commands.notices_shown import notice_rows, notice_table
from server.commands.signed_by import signed_in
from server.context import open_server
from server.workflow.import_answers import AnswersReport, import_answers
from server.workflow.problem_lines import as_json, line


@click.command(
    cls=ExampleCommand,
    help=_(
        "Take down the answers of a table, one row a notice, as CSV (UTF-8 or GB18030) or XLSX:"
        " another time, difficulty, or an objection. A table with any wrong row changes nothing;"
        " importing it twice changes nothing either."
    ),
    examples=(
        "fieldsync-server notices import-answers answers.csv --dry-run",
        "fieldsync-server notices import-answers answers.csv --by 'Call centre'",
    ),
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--by",
    metavar="NAME",
    default=signed_in,
    help=_("Who took down the rows that name nobody; by default who is signed in."),
)
@click.option("--dry-run", is_flag=True, help=_("Say what would be done; change nothing."))
@click.option("--json", "json_wanted", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(home: str | None, *, file: Path, by: str, dry_run: bool, json_wanted: bool) -> int:
    """Import the file."""
    report = import_answers(open_server(home), file, by=by, dry_run=dry_run)
    if json_wanted:
        say_json(
            {
                "dry_run": dry_run,
                "rows": report.rows,
                "answered": notice_rows(report.answered),
                "unchanged": report.unchanged,
                "ignored_columns": list(report.ignored),
                "problems": [as_json(problem) for problem in report.problems],
            }
        )
    elif not report.problems:
        _tell(report)
    return _warn(report, dry_run=dry_run)


def _tell(report: AnswersReport) -> None:
    if report.answered:
        say(notice_table(report.answered))
    say(
        _(
            "Answers: {new} taken down, {unchanged} known already.",
            new=len(report.answered),
            unchanged=report.unchanged,
        )
    )


def _warn(report: AnswersReport, *, dry_run: bool) -> int:
    """What is wrong or comes next, on stderr; the exit code."""
    if report.ignored:
        note(_("Columns nobody reads: {columns}.", columns=listed(report.ignored)))
    for problem in report.problems:
        note(line(problem))
    if report.problems:
        note(_("Nothing was taken down: mend the rows and import the file again."))
        return EXIT_FAILED
    if dry_run:
        note(_("This was a preview; nothing was changed."))
    elif report.answered:
        note(_("These visits are off every plan. Plan those days again to fill the time."))
    return 0
