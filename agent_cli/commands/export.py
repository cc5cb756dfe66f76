"""`fieldsync export`: the officer's records as a table, or as signed for the office to import."""

from pathlib import Path

import click

from agent_cli.actions.export import FORMATS, export
from agent_cli.actions.rescue import export_rescue
from agent_cli.actions.rescue_file import Written
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say


@click.command(
    cls=ExampleCommand,
    help=_("Write your records to FILE as CSV or JSON; cells are safe in a spreadsheet."),
    examples=(
        "fieldsync export records.csv",
        "fieldsync export --format json records.json",
        "fieldsync export --rescue rescue.json",
    ),
)
@click.argument("file", metavar="FILE")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help=_("Default: by the file's name.")
)
@click.option(
    "--rescue",
    is_flag=True,
    help=_("Write what the server has not confirmed, as signed, for the office to import."),
)
@click.option("--all", "everything", is_flag=True, help=_("With --rescue: every record."))
@click.option("--force", is_flag=True, help=_("Write over an existing file."))
@click.pass_obj
def command(
    options: Options, file: str, kind: str | None, *, rescue: bool, everything: bool, force: bool
) -> None:
    """Write the records."""
    if (kind and rescue) or (everything and not rescue):
        raise click.UsageError(_("--format goes without --rescue, and --all only with it."))
    path = Path(file)
    with open_device(options) as ctx:
        mark_training(ctx)
        if rescue:
            _say_rescued(export_rescue(ctx, path, everything=everything, force=force), file)
            return
        chosen = kind or ("json" if path.suffix.lower() == ".json" else "csv")
        count = export(ctx, path, chosen, force=force)
    say(_("{count} records are in {path}.", count=count, path=file))
    note(_("The file holds personal data: keep it no longer than you need it."))


def _say_rescued(written: Written, file: str) -> None:
    say(
        _(
            "{count} records with {files} files are in {path}.",
            count=written.records,
            files=written.files,
            path=file,
        )
    )
    if written.lost:
        note(_("{count} files of these records are gone from this device.", count=written.lost))
    note(_("Give this file to the office; it holds personal data. Then delete it here."))
