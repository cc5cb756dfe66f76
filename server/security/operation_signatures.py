"""Verifies the Ed25519 signatures of many operations with libsodium, on as many cores as there are.

libsodium lets go of the interpreter while it works, so threads share a large batch.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import BadSignatureError

from fieldsync.domain import base64url

# Below this many, handing work to another thread costs more than it saves.
_WORTH_SHARING = 32
_CORES = min(os.cpu_count() or 1, 4)
_pool = ThreadPoolExecutor(_CORES, thread_name_prefix="verify")


def first_wrong(public_key: str, signed: Sequence[tuple[str, bytes]]) -> int | None:
    """The index of the first (signature, message) that the key did not sign; None where all are right.

    Key and signatures are base64url without padding; ValueError where one is none.
    """
    key = base64url.decode(public_key)
    if len(signed) < _WORTH_SHARING:
        return _first_wrong_of(key, signed)
    share = -(-len(signed) // _CORES)
    begins = range(0, len(signed), share)
    parts = [signed[begin : begin + share] for begin in begins]
    for begin, wrong in zip(
        begins, _pool.map(_first_wrong_of, [key] * len(parts), parts), strict=True
    ):
        if wrong is not None:
            return begin + wrong
    return None


def _first_wrong_of(key: bytes, signed: Sequence[tuple[str, bytes]]) -> int | None:
    for index, (signature, message) in enumerate(signed):
        raw = base64url.decode(signature)
        try:
            crypto_sign_open(raw[:crypto_sign_BYTES] + message, key)
        except BadSignatureError:
            return index
        if len(raw) != crypto_sign_BYTES:
            return index
    return None
