"""`fieldsync-server doctor`: is this server well, and what to do where it is not."""

import click

from fieldsync.locale import _
from fieldsync.terminal.checks import say_checks
from fieldsync.terminal.lazy_group import ExampleCommand
from server.context import open_server
from server.workflow.examine import examine


@click.command(
    cls=ExampleCommand,
    help=_("Check the store, keys, files, disk, clock and waiting records, and say what to do."),
    examples=("fieldsync-server doctor", "fieldsync-server doctor --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, as_json: bool) -> int:
    """Examine; the exit code is 1 where something fails."""
    return say_checks(examine(open_server(home)), as_json=as_json)
