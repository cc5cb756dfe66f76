"""The messages of one exchange, as values; `schemas.sync` is their border.

`POST /api/v1/sync`: the request's operations go up first, then the feed comes down. Times are
RFC 3339 with offset. The protocol's version stands in the header `Fieldsync-Protocol`.
"""

from dataclasses import dataclass
from datetime import datetime

from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import FeedRow
from fieldsync.sync.operation import PushedOperation
from fieldsync.sync.outcome import Outcome

# Version 2 brought `urgent`, the held receipt, repair by buckets, quarantine and resumable uploads.
PROTOCOL_VERSION = 2
PROTOCOLS_SPOKEN = (1, 2)
PROTOCOL_HEADER = "Fieldsync-Protocol"
BATCH_OPERATIONS_MAX = 500
BATCH_BYTES_MAX = 1 << 20
# A page of the feed ends at whichever comes first; it always holds one row at least.
PAGE_ROWS = 2000
PAGE_BYTES = 1 << 20
PAGE_BYTES_LEAST = 1 << 12
RECEIPT_TAG = b"fieldsync/receipt/1\x00"
# A `ruleset:<name>` row carries the pack's TOML and the receipt key's signature over this tag + TOML.
RULESET_TAG = b"fieldsync/ruleset/1\x00"
QUARANTINE_TAG = b"fieldsync/quarantine/1\x00"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server's word on the device's log: everything up to `head_seq` is stored.

    Travels as exact text with the server's Ed25519 signature over RECEIPT_TAG + that text.
    """

    device_id: str
    head_seq: int
    head_hash: str
    epoch: str
    time: datetime


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as it travels: exact body text and the server's signature (base64url)."""

    body: str
    sig: str


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What a device sends: how far it has read (None at first), and what it adds.

    `urgent` are operations that stop collection and lie further back in the log than this batch
    reaches: what they stop is stopped now, they themselves come again in their place. `receipt` is
    the newest one the device holds: by its own word a restored server learns what it lost.
    `page_bytes` asks for smaller pages than usual, for a line that lets no more through.
    """

    device_id: str
    cursor: str | None
    operations: tuple[PushedOperation, ...]
    urgent: tuple[PushedOperation, ...] = ()
    receipt: SignedReceipt | None = None
    page_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one pushed operation, told after the batch was committed.

    `needs` lists the SHA-256 of attachments the server still lacks.
    """

    op_id: str
    seq: int
    outcome: Outcome
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncResponse:
    """The answer. `digest` is there when `complete`: it counts the agent's live feed rows."""

    receipt: SignedReceipt
    results: tuple[OperationResult, ...]
    changes: tuple[FeedRow, ...]
    cursor: str
    complete: bool
    digest: Digest | None
    server_time: datetime


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """`POST /api/v1/repair`: the digest of each bucket of the rows a device holds, in order."""

    device_id: str
    buckets: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class RepairResponse:
    """Every live row of the named buckets, which differed; the device replaces these buckets whole.

    `complete` is False where more buckets differ than one answer carries: the device asks again.
    """

    buckets: tuple[int, ...]
    rows: tuple[FeedRow, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class QuarantineRequest:
    """`POST /api/v1/quarantine`: records of a log that cannot go on (restored copy, revoked device)."""

    device_id: str
    operations: tuple[PushedOperation, ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The server's word that it keeps these records, by hash, until a person decides.

    Travels as a SignedReceipt: exact text with a signature over QUARANTINE_TAG + that text.
    """

    device_id: str
    hashes: tuple[str, ...]
    time: datetime
