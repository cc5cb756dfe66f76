"""Asks for a device's new passphrase, twice, and says what makes a good one."""

import os

import click

from agent_cli.config import Options
from agent_cli.terminal_input import may_ask, said
from agent_cli.unlock import PASSPHRASE_VARIABLE, line_of, no_passphrase
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.output import note


def new_passphrase(options: Options, file: str | None) -> str:
    """From a file or the terminal; InputError 600.80 where there is neither, 600.81 where it is weak."""
    from agent_cli.vault.envelope_opened import check_strong

    given = file or os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        passphrase = line_of(given)
        check_strong(passphrase)
        return passphrase
    if not may_ask(options):
        raise no_passphrase()
    note(_("Your device is encrypted. Choose its passphrase: four random words are good."))
    while True:
        typed: str = click.prompt(
            _("New passphrase (not shown)"),
            hide_input=True,
            confirmation_prompt=_("Once more"),
            err=True,
        )
        try:
            check_strong(typed)
        except InputError as error:
            note(said(error))
        else:
            return typed
