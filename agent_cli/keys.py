"""The device's two Ed25519 keys, sealed in files of their own, and a third that seals documents.

Two keys, so that whoever can make a request on the officer's behalf still cannot write their log.
cryptography is imported on use: commands that only read must not pay for it.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agent_cli.vault.kept_files import opened, sealed
from fieldsync.domain import base64url
from fieldsync.errors import LocalCopyError
from fieldsync.words import words

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER = "keys"
REQUEST_KEY = "request.key"
OPERATION_KEY = "operation.key"
DOCUMENT_KEY = "document.pem"
KEY_BYTES = 32


def create_keys(folder: Path, token: bytes) -> None:
    """Write both keys from 64 random bytes; a key of an enrolment that failed is written over."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, secret in ((REQUEST_KEY, token[:KEY_BYTES]), (OPERATION_KEY, token[KEY_BYTES:])):
        (folder / name).unlink(missing_ok=True)
        _write(folder, name, secret)


def document_key(folder: Path) -> "EllipticCurvePrivateKey":
    """The P-256 key that seals documents, made when it is first needed.

    LocalCopyError 602.9 where its file is damaged.
    """
    from cryptography.hazmat.primitives import serialization

    from fieldsync.adapters.document_certificates import new_key

    path = folder / DOCUMENT_KEY
    if not path.exists():
        secret = new_key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(folder, DOCUMENT_KEY, secret)
    try:
        loaded = serialization.load_pem_private_key(_read(folder, DOCUMENT_KEY), None)
    except ValueError as error:
        raise _damaged(path) from error
    return cast("EllipticCurvePrivateKey", loaded)


def load_key(folder: Path, name: str) -> "Ed25519PrivateKey":
    """One of the two keys; LocalCopyError 602.9 where it is missing or cut short."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = _read(folder, name)
    if len(secret) != KEY_BYTES:
        raise _damaged(folder / name)
    return Ed25519PrivateKey.from_private_bytes(secret)


def _write(folder: Path, name: str, secret: bytes) -> None:
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed(folder.parent, secret, f"{FOLDER}/{name}"))
        file.flush()
        os.fsync(file.fileno())


def _read(folder: Path, name: str) -> bytes:
    """The secret; LocalCopyError 602.9 where it was changed, nothing where the file is not there."""
    path = folder / name
    try:
        return (
            opened(folder.parent, path.read_bytes(), f"{FOLDER}/{name}") if path.is_file() else b""
        )
    except ValueError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> LocalCopyError:
    return LocalCopyError(
        "602.9",
        words("The device's key file {path} is missing or damaged.", path=str(path)),
        words("Nothing was changed. Ask the office for a new code and enrol this device again."),
    )


def public_text(key: "Ed25519PrivateKey") -> str:
    """The public half as it travels."""
    return base64url.encode(key.public_key().public_bytes_raw())
