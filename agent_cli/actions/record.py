"""Records one operation: numbered, linked, signed and appended, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.keys import OPERATION_KEY, load_key
from agent_cli.store import journal, meta
from fieldsync.domain import base64url
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import (
    AttachmentRef,
    ClockReading,
    Operation,
    SignedOperation,
    chain_hash,
    encode_body,
    signing_input,
)


def record_operation(
    ctx: DeviceContext,
    conn: sqlite3.Connection,
    kind: OperationKind,
    case_id: str | None,
    payload: Mapping[str, Any],
    depends_on: Sequence[str] = (),
    attachments: Sequence[AttachmentRef] = (),
) -> Operation:
    """Append the operation to the device's log and return it.

    Call it inside `store.database.writing(ctx.conn)`, together with the change of the local view,
    so that both are kept or neither. `payload` is JSON-ready (`codec.to_builtins`). Files named in
    `attachments` must already be in `ctx.blobs`. LocalCopyError 602.9 where the key is gone.
    """
    last = journal.head(conn, ctx.identity.device_id)
    operation = Operation(
        device_id=ctx.identity.device_id,
        seq=last.seq + 1,
        prev_hash=last.hash,
        op_id=ctx.new_id(),
        kind=kind.value,
        case_id=case_id,
        occurred_at=ctx.clock.now(),
        clock=_reading(ctx, conn),
        payload=payload,
        depends_on=tuple(depends_on),
        attachments=tuple(attachments),
    )
    body = encode_body(operation)
    own_hash = chain_hash(last.hash, body)
    signature = load_key(ctx.keys, OPERATION_KEY).sign(signing_input(own_hash))
    journal.append(conn, operation, SignedOperation(body, base64url.encode(signature)), own_hash)
    return operation


def _reading(ctx: DeviceContext, conn: sqlite3.Connection) -> ClockReading:
    told = meta.read(conn, "last_server_time")
    return ClockReading(
        monotonic_ms=ctx.clock.monotonic_ms(),
        boot_id=ctx.clock.boot_id(),
        last_server_time=None if told is None else datetime.fromisoformat(told),
    )
