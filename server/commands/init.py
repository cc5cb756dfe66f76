"""`fieldsync-server init`: set up a server in a folder."""

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from server.config import Lender, home_of
from server.workflow.initialise import initialise


@click.command(
    cls=ExampleCommand,
    help=_("Set up a server in a folder: settings, keys and an empty store."),
    examples=(
        "fieldsync-server --home bank init",
        "fieldsync-server --home practice init --training",
    ),
)
@click.option("--training", is_flag=True, help=_("A practice server, whose clock can be set."))
@click.option("--lender", default="", metavar="NAME", help=_("The bank as agreements name it."))
@click.option(
    "--lender-phone", default="", metavar="NUMBER", help=_("The number a borrower may call.")
)
@click.pass_obj
def command(home: str | None, *, training: bool, lender: str, lender_phone: str) -> None:
    """Make the server's folder."""
    folder = home_of(home)
    initialise(folder, training=training, lender=Lender(lender, lender_phone))
    say(_("A Fieldsync server is set up in {home}.", home=str(folder)))
    note(_("Next: `fieldsync-server import-staff` and `fieldsync-server import-cases`."))
