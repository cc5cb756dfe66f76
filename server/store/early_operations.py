"""Keeps operations that were shown ahead of their place in the log, until they come in it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from fieldsync.sync.chain import Linked
from fieldsync.sync.operation import chain_hash, decode_body
from server.store.chunks import chunks
from server.store.dialect import insert_into
from server.store.tables import early_operations

_SHOWN = select(early_operations.c.seq, early_operations.c.body).where(
    early_operations.c.device_id == bindparam("device_id")
)


def keep_early(conn: Connection, shown: Linked, at: datetime) -> None:
    """Keep the exact bytes, once."""
    operation = shown.operation
    conn.execute(
        insert_into(conn, early_operations)
        .values(
            op_id=operation.op_id,
            device_id=operation.device_id,
            seq=operation.seq,
            body=shown.body,
            signature=shown.sig,
            received_at=at,
        )
        .on_conflict_do_nothing()
    )


def early_hashes(conn: Connection, device_id: str) -> dict[int, str]:
    """The hashes of what this device showed ahead and has not sent in its place, by seq."""
    rows = conn.execute(_SHOWN, {"device_id": device_id})
    return {row.seq: chain_hash(decode_body(row.body).prev_hash, row.body) for row in rows}


def drop_early(conn: Connection, op_ids: Collection[str]) -> None:
    """They came in their place."""
    for chunk in chunks(list(op_ids)):
        conn.execute(delete(early_operations).where(early_operations.c.op_id.in_(chunk)))
