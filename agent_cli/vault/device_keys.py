"""The keys of an open device: its database's, and the one of the files beside it.

Both are random and stay the same when the passphrase changes. `database` may hold two while the database
is being encrypted anew: whichever opens it is the right one.
"""

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsync.errors import LocalCopyError
from fieldsync.words import words

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
_MAGIC = b"FSK1"
_NONCE_BYTES = 24


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """`database`: raw SQLCipher keys, the newest first; `files`: XChaCha20-Poly1305. 32 bytes each."""

    database: tuple[bytes, ...]
    files: bytes

    def seal(self, content: bytes, name: str, nonce: bytes) -> bytes:
        """A file's content as it lies on the disk; it opens under this very name alone."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

        return _MAGIC + nonce + encrypt(content, name.encode(), nonce, self.files)

    def unseal(self, sealed: bytes, name: str) -> bytes:
        """The content again; ValueError where it was changed, moved or belongs to another device."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
        from nacl.exceptions import CryptoError

        start = len(_MAGIC)
        nonce, box = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return decrypt(box, name.encode(), nonce, self.files)
        except CryptoError as error:
            raise ValueError("not sealed with this key, or changed since") from error


def is_sealed(content: bytes) -> bool:
    """Whether a file was sealed; what an older program left is plain."""
    return content.startswith(_MAGIC)


def new_nonce() -> bytes:
    """24 random bytes: no two files get the same by chance."""
    from nacl.utils import random

    return random(_NONCE_BYTES)


def fresh_keys(token: bytes) -> DeviceKeys:
    """Keys from 64 random bytes."""
    return DeviceKeys((token[:KEY_BYTES],), token[KEY_BYTES : 2 * KEY_BYTES])


def to_text(keys: DeviceKeys) -> str:
    """One line: what the envelope holds, and what travels to whoever keeps the keys for some minutes."""
    facts = {"database": [_told(key) for key in keys.database], "files": _told(keys.files)}
    return json.dumps(facts)


def of_text(text: str) -> DeviceKeys:
    """The keys of such a line; ValueError where it is none."""
    try:
        facts = json.loads(text)
        database = tuple(base64.b64decode(key) for key in facts["database"])
        keys = DeviceKeys(database, base64.b64decode(facts["files"]))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not the keys of a device") from error
    if not database or {len(key) for key in (*database, keys.files)} != {KEY_BYTES}:
        raise ValueError("not the keys of a device")
    return keys


def _told(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def locked(home: "Path") -> LocalCopyError:
    """What is said where the keys are needed and nobody has them."""
    return LocalCopyError(
        "602.70",
        words("This device is locked ({home}).", home=str(home)),
        words("Nothing was changed. Run `fieldsync unlock` and type your passphrase."),
    )
