"""The hardship team's passphrase: asked for on a terminal or read from a file, never an argument."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.output import note
from fieldsync.words import words
from server.security.hardship_keys import PASSPHRASE_NAME

_LEAST = 12


def passphrase_file_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `--passphrase-file FILE`."""
    return click.option(
        "--passphrase-file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=text,
    )


def new_passphrase(path: Path | None, *, ask: bool) -> str | None:
    """The passphrase of a new key; None where nobody says one. InputError 422.526 where it is short."""
    if path is not None:
        said = _read(path)
    elif ask and sys.stdin.isatty():
        question = _("Passphrase of the hardship team (12 characters or more)")
        said = click.prompt(question, hide_input=True, confirmation_prompt=True, err=True)
    else:
        return None
    if len(said) < _LEAST:
        raise InputError(
            "422.526",
            words("The team's passphrase needs {least} characters or more.", least=_LEAST),
            words("Take four or five words that belong to nobody of the team."),
        )
    return said


def said_passphrase(path: Path | None) -> str | None:
    """The passphrase of a key there is; None where there is neither a file nor a terminal to ask on."""
    if path is not None:
        return _read(path)
    if not sys.stdin.isatty():
        return None
    said: str = click.prompt(_("Passphrase of the hardship team"), hide_input=True, err=True)
    return said


def say_where_it_lies(home: Path) -> None:
    """A passphrase that was made lies beside the key: whoever has both reads everything."""
    path = home / "keys" / PASSPHRASE_NAME
    note(
        _(
            "The hardship team's passphrase is in {path}. Move it to the team, away from this machine;"
            " serving does not need it.",
            path=str(path),
        )
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
