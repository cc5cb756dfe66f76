"""`fieldsync passphrase`: change it, encrypt anew, or encrypt what an older program left plain."""

from pathlib import Path

import click

from agent_cli.actions.watch import already_watched
from agent_cli.config import Options, home_of
from agent_cli.passphrase_asked import new_passphrase
from agent_cli.store.database import DATABASE_NAME
from agent_cli.store.locks import EXCHANGE_LOCK, WATCH_LOCK, holding, is_held
from agent_cli.terminal_input import may_ask
from agent_cli.unlock import keep_as_set, line_of, lock, no_passphrase, open_with
from agent_cli.vault import held_keys
from agent_cli.vault.vault_file import has_vault
from fieldsync.errors import LocalCopyError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.words import words

_WAIT_S = 30.0


@click.command(
    cls=ExampleCommand,
    help=_("Change this device's passphrase, or encrypt a device that is not yet."),
    examples=("fieldsync passphrase", "fieldsync passphrase --new-key"),
)
@click.option(
    "--new-key",
    is_flag=True,
    help=_("Also encrypt the database anew, where the old passphrase may have been seen."),
)
@click.option(
    "--old-file",
    metavar="FILE",
    help=_("Read the old passphrase from this file; standard input gives it before the new one."),
)
@click.option(
    "--passphrase-file",
    metavar="FILE",
    help=_("Read the new passphrase from this file, or from standard input with `-`."),
)
@click.pass_obj
def command(
    options: Options, old_file: str | None, passphrase_file: str | None, *, new_key: bool
) -> None:
    """Change it."""
    home = home_of(options.home)
    if not (home / DATABASE_NAME).is_file():
        raise _no_device()
    was_plain = not has_vault(home)
    if not was_plain:
        # Whoever changes it proves first that it is theirs, also on an open device.
        open_with(home, _old(options, old_file))
    passphrase = new_passphrase(options, passphrase_file)
    with holding(home / EXCHANGE_LOCK, _WAIT_S) as ours:
        if is_held(home / WATCH_LOCK):
            raise already_watched()
        if not ours:
            raise _exchanging()
        _change(home, passphrase, new_key=new_key)
    lock_and_keep(home)
    if was_plain:
        say(_("This device is encrypted now."))
        note(
            _(
                "What lay on the disk before may still be found there: where that matters, encrypt"
                " the whole disk."
            )
        )
    else:
        say(_("The passphrase is changed."))


def lock_and_keep(home: Path) -> None:
    """The keys in this process take the place of those that were kept before."""
    keys = held_keys.held(home)
    lock(home)
    if keys is not None:
        held_keys.hold(home, keys)
        keep_as_set(home)


def _change(home: Path, passphrase: str, *, new_key: bool) -> None:
    from agent_cli.encryption import encrypt, encrypt_anew
    from agent_cli.vault.envelope_opened import wrap

    keys = held_keys.held(home)
    if keys is None:
        encrypt(home, passphrase)
    elif new_key:
        encrypt_anew(home, keys, passphrase)
    else:
        wrap(home, keys, passphrase)


def _old(options: Options, file: str | None) -> str:
    if file is not None:
        return line_of(file)
    if not may_ask(options):
        raise no_passphrase()
    typed: str = click.prompt(_("Old passphrase (not shown)"), hide_input=True, err=True)
    return typed


def _exchanging() -> LocalCopyError:
    return LocalCopyError(
        "602.51",
        words("This device is exchanging with the server just now."),
        words("Run the same command again in a minute."),
    )


def _no_device() -> LocalCopyError:
    return LocalCopyError(
        "602.10",
        words("There is no device in this folder."),
        words("Ask the office for a code and run `fieldsync enroll URL`."),
    )
