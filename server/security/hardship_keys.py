"""The hardship team's private key as files in the folder `keys`, locked by the team's passphrase.

The serving process never reads them: they may lie on another disk until somebody of the team looks.
"""

import os
from pathlib import Path

from fieldsync.adapters.durable import sync_folder
from fieldsync.adapters.hardship_seal import LockedKey, new_key
from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json, to_json
from fieldsync.errors import LocalCopyError
from fieldsync.ports import Randomness
from fieldsync.words import words

KEY_NAME = "hardship.key"
PASSPHRASE_NAME = "hardship.passphrase"  # noqa: S105 - a file name
_OLDER = "hardship-*.key"
_SECRET_BYTES, _SALT_BYTES, _PASSPHRASE_BYTES = 32, 16, 16
_TAIL = 8


def make_key(folder: Path, randomness: Randomness, passphrase: str | None) -> str:
    """Write a fresh key and return its public half (base64url); an older key stays beside it.

    Without a passphrase one is made and written to a file of its own, to be moved away.
    """
    said = passphrase or base64url.encode(randomness.token(_PASSPHRASE_BYTES))
    secret, salt = randomness.token(_SECRET_BYTES), randomness.token(_SALT_BYTES)
    key = new_key(secret, salt, said, typed=passphrase is not None)
    _put_aside(folder)
    if passphrase is None:
        _write(folder / PASSPHRASE_NAME, said + "\n")
    _write(folder / KEY_NAME, to_json(key) + "\n")
    sync_folder(folder)
    return key.public


def locked_keys(folder: Path) -> tuple[LockedKey, ...]:
    """The key in force and older ones; LocalCopyError 602.80 where none is in the folder."""
    paths = [*folder.glob(KEY_NAME), *sorted(folder.glob(_OLDER), reverse=True)]
    if not paths:
        raise LocalCopyError(
            "602.80",
            words("The hardship team's key is not in {path}.", path=str(folder)),
            words("Put the team's `hardship.key` there while you read, and take it away after."),
        )
    return tuple(from_json(path.read_text(encoding="utf-8"), LockedKey) for path in paths)


def _put_aside(folder: Path) -> None:
    path = folder / KEY_NAME
    if path.exists():
        public = from_json(path.read_text(encoding="utf-8"), LockedKey).public
        path.rename(folder / f"hardship-{public[:_TAIL]}.key")


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
