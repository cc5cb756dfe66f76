"""`fieldsync-server init`: set up a server in a folder."""

from pathlib import Path

import click

from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.words import words
from server.commands.team_passphrase import (
    new_passphrase,
    passphrase_file_option,
    say_where_it_lies,
)
from server.config import Lender, home_of
from server.store.engine import without_password
from server.workflow.initialise import initialise


@click.command(
    cls=ExampleCommand,
    help=_("Set up a server in a folder: settings, keys and an empty store."),
    examples=(
        "fieldsync-server --home bank init",
        "fieldsync-server --home practice init --training",
        "fieldsync-server init --database-url postgresql+psycopg://fieldsync@db/fieldsync",
    ),
)
@click.option("--training", is_flag=True, help=_("A practice server, whose clock can be set."))
@click.option("--lender", default="", metavar="NAME", help=_("The bank as agreements name it."))
@click.option(
    "--lender-phone", default="", metavar="NUMBER", help=_("The number a borrower may call.")
)
@click.option(
    "--database-url",
    default="",
    metavar="URL",
    help=_("A database for the store, instead of a file in the folder (FIELDSYNC_DATABASE_URL)."),
)
@passphrase_file_option(_("A file with the hardship team's passphrase for its own key."))
@click.option("--no-input", is_flag=True, help=_("Never ask; make the team's passphrase instead."))
@click.pass_obj
def command(
    home: str | None,
    *,
    training: bool,
    lender: str,
    lender_phone: str,
    database_url: str,
    passphrase_file: Path | None,
    no_input: bool,
) -> None:
    """Make the server's folder."""
    folder = home_of(home)
    _refuse_password(database_url)
    passphrase = new_passphrase(passphrase_file, ask=not training and not no_input)
    initialise(
        folder,
        training=training,
        lender=Lender(lender, lender_phone),
        database=database_url,
        passphrase=passphrase,
    )
    say(_("A Fieldsync server is set up in {home}.", home=str(folder)))
    if passphrase is None:
        say_where_it_lies(folder)
    note(_("Next: `fieldsync-server import-staff` and `fieldsync-server import-cases`."))


def _refuse_password(url: str) -> None:
    """A command line is seen by every process of the machine, and kept by shells."""
    if url and without_password(url) != url:
        raise InputError(
            "400.6",
            words("A password does not belong into --database-url."),
            words("Set FIELDSYNC_DATABASE_URL, or keep it in PostgreSQL's own password file."),
        )
