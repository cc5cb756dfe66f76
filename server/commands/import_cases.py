"""`fieldsync-server import-cases`: bring a bank's case book in, and tell every row that is wrong."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fieldsync.errors import EXIT_FAILED
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say, say_json, table
from server.context import open_server
from server.workflow.book_files import load_mapping
from server.workflow.import_cases import ImportOptions, ImportReport, import_cases
from server.workflow.problem_lines import as_json, line

_SHOWN_PROBLEMS = 20


@click.command(
    cls=ExampleCommand,
    help=_(
        "Import a case book: cases, contact attempts and payments as CSV (UTF-8 or GB18030) or XLSX. "
        "Good rows are imported, bad ones written to a rejects file that can be mended and imported "
        "again. Importing the same book twice changes nothing."
    ),
    examples=(
        "fieldsync-server import-cases cases.csv contacts.csv payments.csv",
        "fieldsync-server import-cases book.xlsx --mapping bank.toml --dry-run",
        "fieldsync-server import-cases cases.csv --strict --json",
    ),
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("TOML file with the bank's own column names and words."),
)
@click.option("--dry-run", is_flag=True, help=_("Show what would happen and change nothing."))
@click.option("--strict", is_flag=True, help=_("Import nothing at all if any row is wrong."))
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Where rejected rows go (default: beside each file, as FILE.rejects.csv)."),
)
@click.option("--json", "json_wanted", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(
    home: str | None,
    *,
    files: tuple[Path, ...],
    mapping: Path | None,
    dry_run: bool,
    strict: bool,
    rejects: Path | None,
    json_wanted: bool,
) -> int:
    """Import the files."""
    server = open_server(home)
    options = ImportOptions(dry_run=dry_run, strict=strict, rejects=rejects)
    with _progress() as advance:
        report = import_cases(server, files, load_mapping(mapping), options, advance)
    if json_wanted:
        say_json(_as_json(report))
    else:
        _tell(report, dry_run=dry_run)
    _warn(report, dry_run=dry_run)
    return EXIT_FAILED if report.problems and (strict or not _any_case(report)) else 0


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, label=_("Reading"), file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done)

        yield advance


def _tell(report: ImportReport, *, dry_run: bool) -> None:
    """The counts, and with --dry-run the first cases."""
    head = _("{rows} rows read from {files}.", rows=report.rows_read, files=listed(report.files))
    say(head)
    say(
        _(
            "Cases: {new} new, {changed} changed, {unchanged} unchanged, {rejected} rejected.",
            new=report.cases_new,
            changed=report.cases_changed,
            unchanged=report.cases_unchanged,
            rejected=report.cases_rejected,
        )
    )
    if dry_run and report.preview:
        rows = [
            [c.case_id, c.borrower.name, str(c.loan.outstanding), str(c.loan.days_past_due)]
            for c in report.preview
        ]
        say(table(rows, [_("Case"), _("Borrower"), _("Owed"), _("Days past due")]))


def _any_case(report: ImportReport) -> bool:
    """Whether the files brought at least one case that is sound, new or not."""
    return bool(report.cases_new or report.cases_changed or report.cases_unchanged)


def _warn(report: ImportReport, *, dry_run: bool) -> None:
    """What is wrong, where the rejected rows are, and what to do next; on stderr."""
    if report.ignored_columns:
        note(_("Columns nobody reads: {columns}.", columns=listed(report.ignored_columns)))
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        note(line(problem))
    if len(report.problems) > _SHOWN_PROBLEMS:
        note(_("... and {count} more problems.", count=len(report.problems) - _SHOWN_PROBLEMS))
    if report.problems:
        note(_("{count} rows were rejected.", count=report.rows_rejected))
    for path in report.rejects:
        note(_("The rejected rows are in {path}: mend them there and import that file.", path=path))
    closing = _closing(report, dry_run=dry_run)
    if closing:
        note(closing)


def _closing(report: ImportReport, *, dry_run: bool) -> str:
    """What to know at the end where nothing came in."""
    if dry_run:
        return _("This was a preview; nothing was changed.")
    if not report.imported:
        return _("Nothing was imported (--strict).")
    if report.problems and not _any_case(report):
        return _("Nothing was imported: every row is wrong.")
    return ""


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        "imported": report.imported,
        "files": list(report.files),
        "rows_read": report.rows_read,
        "rows_rejected": report.rows_rejected,
        "cases_new": report.cases_new,
        "cases_changed": report.cases_changed,
        "cases_unchanged": report.cases_unchanged,
        "cases_rejected": report.cases_rejected,
        "ignored_columns": report.ignored_columns,
        "rejects": [str(path) for path in report.rejects],
        "problems": [as_json(problem) for problem in report.problems],
        "preview": [case.case_id for case in report.preview],
    }
