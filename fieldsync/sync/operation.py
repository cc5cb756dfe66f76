"""The operation: one signed, hash-chained fact a device adds; its exact bytes are frozen at birth.

hash = SHA-256(tag || prev_hash || body bytes); the Ed25519 signature is over a second tag and that
hash. Nobody re-serialises a body to verify it: the bytes that were signed are sent and stored.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fieldsync.domain.codec import from_json, to_json

ENVELOPE_VERSION = 1
HASH_TAG = b"fieldsync/operation/1\x00"
SIGNATURE_TAG = b"fieldsync/operation-signature/1\x00"
GENESIS_TAG = b"fieldsync/operation-genesis/1\x00"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the device knew of the time: its monotonic clock, its boot, the last time a server told."""

    monotonic_ms: int
    boot_id: str
    last_server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file that belongs to an operation, by the SHA-256 (hex) of its content."""

    sha256: str
    size: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The envelope. `seq` runs 1, 2, ... without gaps on each device; `occurred_at` is a claim.

    `depends_on` names operations (of any device) that must be accepted first.
    """

    device_id: str
    seq: int
    prev_hash: str
    op_id: str
    kind: str
    case_id: str | None
    occurred_at: datetime
    clock: ClockReading
    payload: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    attachments: tuple[AttachmentRef, ...] = ()
    v: int = field(default=ENVELOPE_VERSION)


@dataclass(frozen=True, slots=True)
class SignedOperation:
    """An operation as it travels and is stored: exact body text and the signature (base64url)."""

    body: str
    sig: str


@dataclass(frozen=True, slots=True)
class SealedOperation:
    """The same where the body has left the device with its case: sealed to the server (base64url)."""

    sealed: str
    sig: str


# What a device may send: the body, or what only the server can open.
PushedOperation = SignedOperation | SealedOperation


def genesis_hash(device_id: str) -> str:
    """The `prev_hash` of a device's first operation."""
    return hashlib.sha256(GENESIS_TAG + device_id.encode()).hexdigest()


def encode_body(operation: Operation) -> str:
    """The text to be signed and kept; called once in an operation's life, on the device."""
    return to_json(operation)


def decode_body(body: str | bytes) -> Operation:
    """Read an envelope; msgspec.ValidationError or DecodeError if it is none."""
    return from_json(body, Operation)


def chain_hash(prev_hash: str, body: str | bytes) -> str:
    """The operation's hash, which the next one links to."""
    raw = body.encode() if isinstance(body, str) else body
    return hashlib.sha256(HASH_TAG + bytes.fromhex(prev_hash) + raw).hexdigest()


def signing_input(operation_hash: str) -> bytes:
    """The bytes that the device's operation key signs."""
    return SIGNATURE_TAG + bytes.fromhex(operation_hash)
