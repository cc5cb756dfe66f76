"""`fieldsync-server report`: how people were treated, for the bank, a regulator or the branch itself."""

from pathlib import Path

import click

from fieldsync.locale import _, language
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json
from fieldsync.terminal.typed_day import typed_day
from server.commands.report_page import page_of
from server.commands.report_tables import as_json, write_csv
from server.commands.report_text import text_of
from server.context import open_server
from server.workflow.report_conduct import report_conduct


@click.group(
    cls=ExampleGroup,
    help=_("Report on conduct: refusals, breaches, holds, complaints, promises."),
    examples=("fieldsync-server report conduct --from 2026-11-01 --to 2026-11-30",),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "conduct",
    cls=ExampleCommand,
    help=_(
        "Report how people were treated from one day to another: refusals, breaches, exits, holds, "
        "answers owed, promises kept. No amounts, no ranking; what fewer than five stand behind is hidden."
    ),
    examples=(
        "fieldsync-server report conduct --from 2026-11-01 --to 2026-11-30",
        "fieldsync-server report conduct --from 2026-11-01 --to 2026-11-30 --html conduct.html",
        "fieldsync-server report conduct --from 2026-11-24 --to 2026-11-24 --branch SZ-NANSHAN --csv .",
    ),
)
@click.option("--from", "first", required=True, metavar="DATE", help=_("The first day."))
@click.option("--to", "last", required=True, metavar="DATE", help=_("The last day, included."))
@click.option("--branch", metavar="B", help=_("Only this branch."))
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Also write the report as a web page to this file."),
)
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help=_("Also write its figures as CSV to this file, or into this folder."),
)
@click.option("--json", "as_json_wanted", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def conduct(
    home: str | None,
    *,
    first: str,
    last: str,
    branch: str | None,
    html_file: Path | None,
    csv_path: Path | None,
    as_json_wanted: bool,
) -> None:
    """Build the report and show or write it."""
    span = typed_day(first), typed_day(last)
    report = report_conduct(open_server(home), *span, branch)
    if html_file is not None:
        html_file.write_text(page_of(report, language()), encoding="utf-8")
        note(_("The report is in {path}.", path=str(html_file)))
    if csv_path is not None:
        note(_("The figures are in {path}.", path=str(write_csv(report, csv_path))))
    if as_json_wanted:
        say_json(as_json(report))
    else:
        say(text_of(report))
