"""`fieldsync verify`: say whether an agreement's document is whole and who sealed it; no network."""

from pathlib import Path

import click

from agent_cli.actions.certificate import trusted_authority
from agent_cli.config import Options
from agent_cli.context import open_device
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.seal_shown import show_check

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    help=_(
        "Check the seals of an agreement's document FILE: whether it is whole, and who made them."
    ),
    examples=("fieldsync verify plan.pdf", "fieldsync verify plan.pdf --json"),
)
@click.argument("file", type=_FILE, metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(click_ctx: click.Context, /, file: Path, *, as_json: bool) -> None:
    """Verify."""
    from fieldsync.adapters.pdf_verify import check_document

    options: Options = click_ctx.obj
    with open_device(options) as ctx:
        authority = trusted_authority(ctx)
    check = check_document(file.read_bytes(), [authority] if authority else [])
    click_ctx.exit(show_check(check, as_json=as_json))
