"""Opens what devices sealed to this server: record by record, or a whole file."""

import binascii
from collections.abc import Iterable, Sequence

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from fieldsync.domain import base64url
from fieldsync.errors import InputError
from fieldsync.sync.operation import PushedOperation, SealedOperation, SignedOperation
from fieldsync.words import words


def opened(
    seals: Sequence[PrivateKey], pushed: Iterable[PushedOperation]
) -> tuple[SignedOperation, ...]:
    """Every operation with its body; InputError 400.51 where one was sealed to another key, or altered."""
    return tuple(
        SignedOperation(_text(seals, one.sealed), one.sig)
        if isinstance(one, SealedOperation)
        else one
        for one in pushed
    )


def open_bytes(seals: Sequence[PrivateKey], sealed: bytes) -> bytes:
    """What was sealed; InputError 400.51 where none of the keys opens it."""
    for key in seals:
        try:
            return SealedBox(key).decrypt(sealed)
        except (CryptoError, ValueError, TypeError):
            continue
    raise _closed()


def _text(seals: Sequence[PrivateKey], sealed: str) -> str:
    try:
        return open_bytes(seals, base64url.decode(sealed)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _closed() from error


def _closed() -> InputError:
    return InputError(
        "400.51",
        words("What was sealed does not open with this server's keys."),
        words(
            "Nothing was stored. Put the server's `keys/seal*.key` of that time back, and sync again."
        ),
    )
