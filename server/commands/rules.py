"""`fieldsync-server rules`: ask, list, show, lint and compare rule packs."""

import click

from fieldsync.adapters.pack_files import rulesets_named
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleGroup
from fieldsync.terminal.rules_check import check_command


@click.group(
    cls=ExampleGroup,
    help=_("Ask the conduct rules; nothing is stored."),
    examples=("fieldsync-server rules check facts.json",),
)
def command() -> None:
    """The subcommands follow."""


command.add_command(check_command("fieldsync-server", rulesets_named))
