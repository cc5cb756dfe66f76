"""What the next request carries up: a batch in the order of the log, and what stops collection beyond it."""

from contextlib import AbstractContextManager

from agent_cli.actions.portions import Portions
from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.store import journal, meta
from agent_cli.store.journal import Outgoing
from fieldsync.schemas.sync import URGENT_MAX
from fieldsync.sync.kinds import URGENT
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    BATCH_OPERATIONS_MAX,
    PAGE_BYTES,
    PAGE_BYTES_LEAST,
    SignedReceipt,
    SyncRequest,
)
from fieldsync.sync.operation import PushedOperation

RECEIPT, RECEIPT_SIG = "receipt", "receipt_sig"
# What JSON adds around an operation's text; quotes and escapes cost about an eighth.
_ENVELOPE_BYTES = 200
_BATCH_BYTES = BATCH_BYTES_MAX * 7 // 8
# About one record.
_BATCH_BYTES_LEAST = 1 << 10


def record_portions(conn: sqlite3.Connection) -> Portions:
    """How many bytes of records go up at once."""
    return Portions(conn, "records", _BATCH_BYTES_LEAST, _BATCH_BYTES)


def page_portions(conn: sqlite3.Connection) -> Portions:
    """How many bytes of the feed, unpacked, come down at once."""
    return Portions(conn, "page", PAGE_BYTES_LEAST, PAGE_BYTES)


def next_batch(
    conn: sqlite3.Connection, after: int, limit: int = BATCH_OPERATIONS_MAX
) -> tuple[Outgoing, ...]:
    """The next operations after this number that the server has not answered, one at the least.

    No more than a request may carry, and than the line lets through.
    """
    found = journal.unanswered(conn, after=after, limit=limit)
    return _fitting(found, record_portions(conn).size, at_least=1)


def unsent_batch(conn: sqlite3.Connection, after: int) -> tuple[Outgoing, ...]:
    """The next operations after this number that only this device has, by the same measure."""
    found = journal.unsent(conn, BATCH_OPERATIONS_MAX, after=after)
    return _fitting(found, record_portions(conn).size, at_least=1)


def request_of(
    ctx: DeviceContext, cursor: str | None, batch: tuple[Outgoing, ...], *, first: bool
) -> SyncRequest:
    """The request; the first of an exchange also brings what is urgent and the newest receipt."""
    device_id = ctx.identity.device_id
    page = page_portions(ctx.conn).size
    page_bytes = page if page < PAGE_BYTES else None
    if not first:
        return SyncRequest(device_id, cursor, pushed(batch), page_bytes=page_bytes)
    urgent = pushed(_urgent(ctx.conn, batch))
    return SyncRequest(device_id, cursor, pushed(batch), urgent, _held(ctx.conn), page_bytes)


def pushed(batch: tuple[Outgoing, ...]) -> tuple[PushedOperation, ...]:
    """The batch as it travels."""
    return tuple(outgoing.pushed for outgoing in batch)


def sending(conn: sqlite3.Connection, batch: tuple[Outgoing, ...]) -> AbstractContextManager[None]:
    """Around the request that carries the batch: remembers what the line let through."""
    return record_portions(conn).sending(_bytes_of(batch), divisible=len(batch) > 1)


def last_seq(batch: tuple[Outgoing, ...]) -> int:
    """The number of a batch's last operation; 0 for an empty one."""
    return batch[-1].seq if batch else 0


def _urgent(conn: sqlite3.Connection, batch: tuple[Outgoing, ...]) -> tuple[Outgoing, ...]:
    kinds = sorted(kind.value for kind in URGENT)
    found = journal.unsent(conn, URGENT_MAX, after=last_seq(batch), kinds=kinds)
    return _fitting(found, record_portions(conn).size // 4, at_least=0)


def _held(conn: sqlite3.Connection) -> SignedReceipt | None:
    body, sig = meta.read(conn, RECEIPT), meta.read(conn, RECEIPT_SIG)
    return None if body is None or sig is None else SignedReceipt(body, sig)


def _bytes_of(batch: tuple[Outgoing, ...]) -> int:
    return sum(outgoing.size + _ENVELOPE_BYTES for outgoing in batch)


def _fitting(
    operations: tuple[Outgoing, ...], limit: int, *, at_least: int
) -> tuple[Outgoing, ...]:
    size = 0
    for count, outgoing in enumerate(operations):
        size += outgoing.size + _ENVELOPE_BYTES
        if count >= at_least and size > limit:
            return operations[:count]
    return operations
