"""`fieldsync-server purge`: delete old records that no law keeps."""

from collections import Counter

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import say, say_json, table
from fieldsync.terminal.typed_day import typed_day
from server.context import open_server
from server.workflow.purge_records import Purge, purge


@click.command(
    cls=ExampleCommand,
    help=_(
        "Delete collection records made before a day, where the rules allow it: what the law keeps stays,"
        " with its rule, and so does every case with an open matter."
    ),
    examples=(
        "fieldsync-server purge --before 2024-01-01 --dry-run",
        "fieldsync-server purge --before 2024-01-01 --json",
    ),
)
@click.option("--before", required=True, metavar="YYYY-MM-DD", help=_("Only what is older."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(home: str | None, *, before: str, dry_run: bool, as_json: bool) -> None:
    """Purge and say what went and what stayed."""
    day = typed_day(before)
    done = purge(open_server(home), day, dry_run=dry_run)
    if as_json:
        say_json(_as_json(done, day.isoformat(), dry_run=dry_run))
        return
    counts = {
        "records": sum(len(case.deleted) for case in done.cases),
        "cases": sum(case.file_deleted for case in done.cases),
    }
    say(
        _("Would be deleted: {records} records, {cases} whole case files.", **counts)
        if dry_run
        else _("Deleted: {records} records, {cases} whole case files.", **counts)
    )
    rows = [(rule, str(n), done.citations.get(rule, "")) for rule, n in _kept(done).most_common()]
    if rows:
        say(table(rows, (_("Kept by"), _("Records"), _("Source")), last=2))
    waiting = sum(bool(case.open_matters) for case in done.cases)
    if waiting:
        say(_("{count} cases stay whole: something in them is still open.", count=waiting))


def _kept(done: Purge) -> Counter[str]:
    total: Counter[str] = Counter()
    for case in done.cases:
        total.update(case.kept)
    return total


def _as_json(done: Purge, before: str, *, dry_run: bool) -> dict[str, object]:
    return {
        "before": before,
        "dry_run": dry_run,
        "records_deleted": sum(len(case.deleted) for case in done.cases),
        "case_files_deleted": sum(case.file_deleted for case in done.cases),
        "files_deleted": done.files_deleted,
        "kept": [
            {"rule": rule, "citation": done.citations.get(rule, ""), "records": n}
            for rule, n in sorted(_kept(done).items())
        ],
        "cases": [
            {
                "case_id": case.case_id,
                "open_matters": list(case.open_matters),
                "records_deleted": len(case.deleted),
                "kept": case.kept,
                "file_deleted": case.file_deleted,
            }
            for case in done.cases
        ],
    }
