"""`fieldsync-server verify`: say whether an agreement's document is whole, and what the office knows of it."""

from pathlib import Path

import click

from fieldsync.adapters.pdf_verify import check_document
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.terminal.seal_shown import show_check
from server.context import open_server
from server.workflow.certify_device import document_authority
from server.workflow.counter_seal import known_document, revoked_among

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    help=_("Check the seals of an agreement's document FILE, and whether the office knows it."),
    examples=(
        "fieldsync-server verify plan.pdf",
        "fieldsync-server verify --export-ca documents.pem",
    ),
)
@click.argument("file", type=_FILE, metavar="FILE", required=False)
@click.option(
    "--export-ca",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help=_("Write the certificate that outside tools have to trust, and do nothing else."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(
    click_ctx: click.Context, /, file: Path | None, *, export_ca: Path | None, as_json: bool
) -> None:
    """Verify."""
    if (file is None) == (export_ca is None):
        raise click.UsageError(_("Name a file to check, or --export-ca FILE."))
    ctx = open_server(click_ctx.obj)
    authority = document_authority(ctx)
    if export_ca is not None:
        export_ca.write_text(authority.pem, encoding="ascii")
        note(_("The certificate is in {path}.", path=str(export_ca)))
        return
    if file is None:
        raise TypeError("one of the two is named")
    check = check_document(file.read_bytes(), [authority.root.certificate])
    check = revoked_among(ctx, check)
    code = show_check(check, as_json=as_json)
    if not as_json:
        say(render(known_document(ctx, check.sha256)))
    click_ctx.exit(code)
