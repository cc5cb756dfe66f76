"""Opens a device: from whoever keeps the keys, or with the passphrase; and makes and changes the passphrase."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from agent_cli.config import Options, sound_value
from agent_cli.terminal_input import may_ask
from agent_cli.vault import held_keys, keeper_client
from agent_cli.vault.device_keys import DeviceKeys, locked
from agent_cli.vault.vault_file import has_vault, is_converting
from fieldsync.adapters.clock import SystemClock
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.words import words

# For terminals that nobody types at; the keys are not kept then, each command opens them again.
PASSPHRASE_VARIABLE = "FIELDSYNC_PASSPHRASE_FILE"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Opened:
    """Whether the passphrase was given just now, and whether somebody keeps the keys from here on."""

    asked: bool = False
    kept: bool = False


def unlock(options: Options, home: Path) -> Opened:
    """Have the keys of this folder in this process; nothing on a device that is not encrypted.

    LocalCopyError 602.70 where nobody can be asked; UnauthorisedError 401.70 for a wrong passphrase.
    """
    if held_keys.held(home) is not None or not has_vault(home):
        return Opened()
    kept = keeper_client.ask_keys(home)
    if kept is not None:
        held_keys.hold(home, kept)
        return Opened(kept=True)
    file = os.environ.get(PASSPHRASE_VARIABLE)
    if file:
        open_with(home, line_of(file))
        return Opened(asked=True)
    if not may_ask(options):
        raise locked(home)
    typed: str = click.prompt(_("Passphrase of this device (not shown)"), hide_input=True, err=True)
    return Opened(asked=True, kept=keep(home, open_with(home, typed)))


def open_with(home: Path, passphrase: str) -> DeviceKeys:
    """The keys, in this process from now on; UnauthorisedError 401.70 or 401.71, LocalCopyError 602.72."""
    from agent_cli.vault.envelope_opened import open_envelope

    keys = open_envelope(home, passphrase, SystemClock().now().timestamp())
    held_keys.hold(home, keys)
    if is_converting(home):
        from agent_cli.encryption import finish

        finish(home, keys)
    return keys


def keep(home: Path, keys: DeviceKeys) -> bool:
    """Let them be kept for as long as the settings say."""
    return keeper_client.keep(home, keys, int(sound_value(home, "lock_after_minutes")))


def keep_as_set(home: Path) -> bool:
    """Let the keys of this process be kept, unless a file gives the passphrase each time."""
    keys = held_keys.held(home)
    return keys is not None and not os.environ.get(PASSPHRASE_VARIABLE) and keep(home, keys)


def lock(home: Path) -> bool:
    """Nobody has the keys any more; whether somebody had."""
    held_keys.drop(home)
    return keeper_client.forget(home)


def line_of(file: str) -> str:
    """The first line of a file, or the next of standard input; InputError 600.80 where there is none."""
    if file == "-":
        import sys

        line = sys.stdin.readline()
    else:
        try:
            line = Path(file).read_text(encoding="utf-8-sig").partition("\n")[0]
        except (OSError, UnicodeDecodeError):
            line = ""
    if not line.strip():
        raise no_passphrase()
    return line.strip()


def no_passphrase() -> InputError:
    """What is said where a passphrase is needed and none was given."""
    return InputError(
        "600.80",
        words("The passphrase is missing."),
        words("Run it on a terminal, or give --passphrase-file FILE (`-` for standard input)."),
    )
