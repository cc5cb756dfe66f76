"""Verifies the Ed25519 signatures of many operations by libsodium, twice as fast as one key object each."""

from collections.abc import Sequence

from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import BadSignatureError

from fieldsync.domain import base64url

_SIGNATURE_BYTES = crypto_sign_BYTES


def first_wrong(public_key: str, signed: Sequence[tuple[str, bytes]]) -> int | None:
    """The index of the first (signature, message) that the key did not sign; None where all are right.

    Key and signatures are base64url without padding; ValueError for a key that is none.
    """
    key = base64url.decode(public_key)
    for index, (signature, message) in enumerate(signed):
        if not _is_signed(key, signature, message):
            return index
    return None


def _is_signed(key: bytes, signature: str, message: bytes) -> bool:
    raw = base64url.decode(signature)
    if len(raw) != _SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(raw + message, key)
    except BadSignatureError:
        return False
    return True
