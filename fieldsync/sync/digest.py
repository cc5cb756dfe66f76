"""The digest that proves both sides hold the same rows: a count and an order-free sum of hashes.

Each live (key, version) adds SHA-256(tag, key, version) modulo 2^256, so adding and removing a row
costs one hash and needs no sorting. Where two digests differ, those of the 64 buckets tell which
rows do: a key's bucket comes from its own hash.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS = 64
_TAG = b"fieldsync/digest/1\x00"
_BUCKET_TAG = b"fieldsync/bucket/1\x00"
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Digest:
    """How many live rows there are, and their sum in hex (64 digits)."""

    count: int
    sum: str


NO_ROWS = Digest(0, "0" * 64)


def digest_of(rows: Iterable[tuple[str, int]]) -> Digest:
    """The digest of live rows given as (key, version)."""
    return changed(NO_ROWS, gone=(), come=rows)


def changed(
    digest: Digest, *, gone: Iterable[tuple[str, int]], come: Iterable[tuple[str, int]]
) -> Digest:
    """The digest after some rows (key, version) went and others came."""
    count, total = digest.count, int(digest.sum, 16)
    for key, version in gone:
        total -= _row_hash(key, version)
        count -= 1
    for key, version in come:
        total += _row_hash(key, version)
        count += 1
    return Digest(count, f"{total % _MODULUS:064x}")


def bucket_of(key: str) -> int:
    """Which of the buckets a key belongs to, whatever its version."""
    return hashlib.sha256(_BUCKET_TAG + key.encode()).digest()[0] % BUCKETS


def bucket_digests(rows: Iterable[tuple[str, int]]) -> tuple[Digest, ...]:
    """The digest of each bucket, in order, of live rows given as (key, version)."""
    sorted_rows: list[list[tuple[str, int]]] = [[] for _ in range(BUCKETS)]
    for key, version in rows:
        sorted_rows[bucket_of(key)].append((key, version))
    return tuple(digest_of(bucket) for bucket in sorted_rows)


def _row_hash(key: str, version: int) -> int:
    row = hashlib.sha256(_TAG + key.encode() + b"\x00" + str(version).encode()).digest()
    return int.from_bytes(row, "big")
