"""`fieldsync unlock`: type the passphrase once; commands go on without asking for some minutes."""

import click

from agent_cli.config import Options, home_of, sound_value
from agent_cli.store.database import DATABASE_NAME
from agent_cli.terminal_input import may_ask
from agent_cli.unlock import keep, line_of, open_with
from agent_cli.vault.device_keys import locked
from agent_cli.vault.vault_file import has_vault
from fieldsync.errors import LocalCopyError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.words import words


@click.command(
    cls=ExampleCommand,
    help=_("Open this device with your passphrase; it locks again by itself."),
    examples=("fieldsync unlock", "fieldsync unlock --passphrase-file passphrase.txt"),
)
@click.option(
    "--passphrase-file",
    metavar="FILE",
    help=_("Read the passphrase from this file, or from standard input with `-`."),
)
@click.pass_obj
def command(options: Options, passphrase_file: str | None) -> None:
    """Unlock."""
    home = home_of(options.home)
    if not has_vault(home):
        raise _nothing_to_unlock(is_plain=(home / DATABASE_NAME).is_file())
    minutes = int(sound_value(home, "lock_after_minutes"))
    if passphrase_file is not None:
        passphrase = line_of(passphrase_file)
    elif may_ask(options):
        passphrase = click.prompt(
            _("Passphrase of this device (not shown)"), hide_input=True, err=True
        )
    else:
        raise locked(home)
    kept = keep(home, open_with(home, passphrase))
    if kept:
        say(
            _(
                "This device is open; it locks {minutes} minutes after its last use.",
                minutes=minutes,
            )
        )
        note(_("`fieldsync lock` locks it at once."))
    else:
        say(_("The passphrase is right. It is not kept: every command asks for it."))


def _nothing_to_unlock(*, is_plain: bool) -> LocalCopyError:
    if is_plain:
        return LocalCopyError(
            "602.74",
            words("This device is not encrypted yet."),
            words("Run `fieldsync passphrase`."),
        )
    return LocalCopyError(
        "602.10",
        words("There is no device in this folder."),
        words("Ask the office for a code and run `fieldsync enroll URL`."),
    )
