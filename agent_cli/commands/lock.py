"""`fieldsync lock`: nobody reads anything here until the passphrase is typed again."""

import click

from agent_cli.actions.background import stop
from agent_cli.config import Options, home_of
from agent_cli.unlock import lock
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say


@click.command(
    cls=ExampleCommand,
    help=_("Lock this device at once; background sync ends too."),
    examples=("fieldsync lock",),
)
@click.pass_obj
def command(options: Options) -> None:
    """Lock."""
    home = home_of(options.home)
    ended = stop(home)
    lock(home)
    say(_("This device is locked."))
    if ended:
        note(_("Background sync has ended: start it again after `fieldsync unlock`."))
