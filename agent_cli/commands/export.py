"""`fieldsync export`: the officer's records as a table for other programs."""

from pathlib import Path

import click

from agent_cli.actions.export import FORMATS, export
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say


@click.command(
    cls=ExampleCommand,
    help=_("Write your records to FILE as CSV or JSON; cells are safe in a spreadsheet."),
    examples=("fieldsync export records.csv", "fieldsync export --format json records.json"),
)
@click.argument("file", metavar="FILE")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help=_("Default: by the file's name.")
)
@click.option("--force", is_flag=True, help=_("Write over an existing file."))
@click.pass_obj
def command(options: Options, file: str, kind: str | None, *, force: bool) -> None:
    """Write the records."""
    path = Path(file)
    chosen = kind or ("json" if path.suffix.lower() == ".json" else "csv")
    with open_device(options) as ctx:
        mark_training(ctx)
        count = export(ctx, path, chosen, force=force)
    say(_("{count} records are in {path}.", count=count, path=file))
    note(_("The file holds personal data: keep it no longer than you need it."))
