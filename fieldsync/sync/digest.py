"""The digest that proves both sides hold the same rows: a count and an order-free sum of hashes.

Each live (key, version) adds SHA-256(tag, key, version) modulo 2^256, so adding and removing a row
costs one hash and needs no sorting.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_TAG = b"fieldsync/digest/1\x00"
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Digest:
    """How many live rows there are, and their sum in hex."""

    count: int
    sum: str


def digest_of(rows: Iterable[tuple[str, int]]) -> Digest:
    """The digest of live rows given as (key, version)."""
    count, total = 0, 0
    for key, version in rows:
        row_hash = hashlib.sha256(_TAG + key.encode() + b"\x00" + str(version).encode()).digest()
        total = (total + int.from_bytes(row_hash, "big")) % _MODULUS
        count += 1
    return Digest(count, f"{total:064x}")
