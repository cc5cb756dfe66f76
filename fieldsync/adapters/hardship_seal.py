"""Seals to the hardship team and opens for it: libsodium sealed boxes, the private key under a passphrase.

Whoever seals keeps no way to open it again; the serving process holds the public key alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.disclosure import SensitivePart
from fieldsync.domain.hardship_decision import TeamNote
from fieldsync.errors import InputError, UnauthorisedError
from fieldsync.words import words

# A passphrase of the program's own making has 128 bits: stretching it would only cost time.
_STRETCH_GENERATED = (pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
_STRETCH_TYPED = (pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE)

_BLOCK_BYTES = 512
_Told = TypeVar("_Told", SensitivePart, TeamNote)


@dataclass(frozen=True, slots=True)
class LockedKey:
    """The team's private key as it lies in its file; every text is base64url, `memlimit` in bytes."""

    public: str
    salt: str
    opslimit: int
    memlimit: int
    locked: str


def new_key(secret: bytes, salt: bytes, passphrase: str, *, typed: bool) -> LockedKey:
    """A key from 32 random bytes, locked by a passphrase with 16 bytes of salt (argon2id)."""
    opslimit, memlimit = _STRETCH_TYPED if typed else _STRETCH_GENERATED
    private = PrivateKey(secret)
    box = _box(passphrase, salt, opslimit, memlimit)
    return LockedKey(
        public=base64url.encode(bytes(private.public_key)),
        salt=base64url.encode(salt),
        opslimit=opslimit,
        memlimit=memlimit,
        locked=base64url.encode(bytes(box.encrypt(bytes(private)))),
    )


def unlock(key: LockedKey, passphrase: str) -> PrivateKey:
    """The private key; UnauthorisedError 403.80 for another passphrase or a spoilt file."""
    try:
        box = _box(passphrase, base64url.decode(key.salt), key.opslimit, key.memlimit)
        return PrivateKey(box.decrypt(base64url.decode(key.locked)))
    except (CryptoError, ValueError, TypeError) as error:
        raise UnauthorisedError(
            "403.80",
            words("The hardship team's key does not open with this passphrase."),
            words("Nothing was opened. Try again, or ask the team for its passphrase."),
        ) from error


def seal_bytes(public: str, content: bytes) -> bytes:
    """The content sealed to the team's public key (base64url)."""
    return bytes(SealedBox(PublicKey(base64url.decode(public))).encrypt(content))


def open_bytes(keys: Sequence[PrivateKey], sealed: bytes) -> bytes:
    """What was sealed; InputError 422.521 where none of the keys opens it."""
    for key in keys:
        try:
            return bytes(SealedBox(key).decrypt(sealed))
        except (CryptoError, ValueError, TypeError):
            continue
    raise InputError(
        "422.521",
        words("What was sealed to the hardship team does not open with its key."),
        words("Was it sealed to an older key? Put that `hardship-*.key` back into `keys`."),
    )


def seal_part(public: str, part: SensitivePart) -> str:
    """The private part of a disclosure as text that only the team can open."""
    return _seal(public, part)


def open_part(keys: Sequence[PrivateKey], disclosure_id: str, sealed: str) -> SensitivePart:
    """The part of this disclosure; InputError 422.521, also where it was sealed for another one."""
    return _open(keys, disclosure_id, sealed, SensitivePart)


def seal_note(public: str, note: TeamNote) -> str:
    """Why the team decided as it did, as text that only the team can open."""
    return _seal(public, note)


def open_note(keys: Sequence[PrivateKey], disclosure_id: str, sealed: str) -> TeamNote:
    """The note on this disclosure; InputError 422.521 as in `open_part`."""
    return _open(keys, disclosure_id, sealed, TeamNote)


def _seal(public: str, value: SensitivePart | TeamNote) -> str:
    """Padded, so that its length tells little of what is in it."""
    text = to_json(value).encode()
    return base64url.encode(seal_bytes(public, text + b" " * (-len(text) % _BLOCK_BYTES)))


def _open(keys: Sequence[PrivateKey], disclosure_id: str, sealed: str, kind: type[_Told]) -> _Told:
    value = from_json(open_bytes(keys, base64url.decode(sealed)), kind)
    if value.disclosure_id != disclosure_id:
        raise InputError(
            "422.521",
            words("What was sealed belongs to another disclosure."),
            words("Somebody exchanged records in the store. Tell whoever runs the server."),
        )
    return value


def _box(passphrase: str, salt: bytes, opslimit: int, memlimit: int) -> SecretBox:
    key = pwhash.argon2id.kdf(
        SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=opslimit, memlimit=memlimit
    )
    return SecretBox(key)
