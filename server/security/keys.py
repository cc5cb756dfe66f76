"""The server's own secrets, as files that only their owner may read: receipt, cursor, seal, audit and accounts keys."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.public import PrivateKey

from fieldsync.adapters.durable import sync_folder
from fieldsync.errors import LocalCopyError
from fieldsync.ports import Randomness
from fieldsync.words import words

_KEY_BYTES = 32
_SEAL = "seal.key"
_AUDIT = "audit.key"
_ACCOUNTS = "accounts.key"


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """`receipt` signs receipts and rule packs; `cursor` authenticates cursors.

    `seals` open what devices sealed: the first is the one they seal to now, the others are older ones.
    `audits` sign the heads of the audit log's tree, the same way.
    `accounts` is what the office's accounts are kept with: seeds of one-time codes, marks of browsers.
    """

    receipt: Ed25519PrivateKey
    cursor: bytes
    seals: tuple[PrivateKey, ...]
    audits: tuple[Ed25519PrivateKey, ...]
    accounts: bytes


def create_keys(folder: Path, token: bytes) -> None:
    """Write fresh keys from 96 random bytes; only an unfinished set-up may have left some there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place, name in enumerate(("receipt.key", "cursor.key", _SEAL)):
        secret = token[place * _KEY_BYTES : (place + 1) * _KEY_BYTES]
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secret)


def load_keys(folder: Path, randomness: Randomness) -> ServerKeys:
    """Read the keys; LocalCopyError 602.7 where one is missing or cut short.

    An older server has no seal, audit or accounts key, and one whose operator put a key aside has
    none in force: then a new one is made. LocalCopyError 602.61 where that cannot be.
    """
    receipt, cursor = _read(folder / "receipt.key"), _read(folder / "cursor.key")
    seals = tuple(PrivateKey(secret) for secret in _all_of(folder, _SEAL, randomness))
    audits = tuple(map(_signing, _all_of(folder, _AUDIT, randomness)))
    accounts = _all_of(folder, _ACCOUNTS, randomness)[0]
    return ServerKeys(_signing(receipt), cursor, seals, audits, accounts)


def _signing(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret)


def _all_of(folder: Path, name: str, randomness: Randomness) -> list[bytes]:
    """The key in force, made where there is none, and those that were put aside under `name-*`."""
    if not (folder / name).exists():
        _make(folder, name, randomness)
    older = sorted(folder.glob(f"{name.removesuffix('.key')}-*.key"), reverse=True)
    return [_read(path) for path in (folder / name, *older)]


def _read(path: Path) -> bytes:
    secret = path.read_bytes() if path.is_file() else b""
    if len(secret) != _KEY_BYTES:
        raise LocalCopyError(
            "602.7",
            words("The server's key file {path} is missing or damaged.", path=str(path)),
            words("Restore the folder `keys` from your backup; devices trust these keys."),
        )
    return secret


def _make(folder: Path, name: str, randomness: Randomness) -> None:
    """Make the key under another name and link it: of processes that start at once, one key stays."""
    aside = folder / f".new-{randomness.token(8).hex()}"
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(randomness.token(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, folder / name)
        sync_folder(folder)
    except OSError as error:
        raise LocalCopyError(
            "602.61",
            words("The server's key {name} cannot be made in {path}.", name=name, path=str(folder)),
            words("Let the server write in its folder `keys` once, and start it again."),
        ) from error
    finally:
        aside.unlink(missing_ok=True)
