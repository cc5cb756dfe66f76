"""The server's own secrets, as files that only their owner may read: receipt key and cursor key."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldsync.errors import LocalCopyError
from fieldsync.words import words

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """`receipt` signs receipts and rule packs; `cursor` authenticates cursors."""

    receipt: Ed25519PrivateKey
    cursor: bytes


def create_keys(folder: Path, token: bytes) -> None:
    """Write fresh keys from 64 random bytes; only an unfinished set-up may have left some there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, secret in (("receipt.key", token[:_KEY_BYTES]), ("cursor.key", token[_KEY_BYTES:])):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secret)


def load_keys(folder: Path) -> ServerKeys:
    """Read the keys; LocalCopyError 602.7 where one is missing or cut short."""
    secrets = []
    for name in ("receipt.key", "cursor.key"):
        path = folder / name
        secret = path.read_bytes() if path.is_file() else b""
        if len(secret) != _KEY_BYTES:
            raise LocalCopyError(
                "602.7",
                words("The server's key file {path} is missing or damaged.", path=str(path)),
                words("Restore the folder `keys` from your backup; devices trust these keys."),
            )
        secrets.append(secret)
    return ServerKeys(Ed25519PrivateKey.from_private_bytes(secrets[0]), secrets[1])
