"""Keeps a file that an operation named, releases what waited for it, and hands it back to its owner."""

import hashlib

from sqlalchemy import Connection, func, insert, select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.errors import InputError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.devices import Device
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.retrying import retried
from server.store.tables import attachments, blobs, devices, operations
from server.workflow.settle_operations import Settlement, release_late


@retried
def keep_file(ctx: ServerContext, device: Device, sha256: str, content: bytes) -> bool:
    """Keep the file durably; whether it is new here. Keeping it again changes nothing.

    NotFoundError 404.43 where no operation of this device's officer names it; InputError 422.61 where
    the content is another one than its name says.
    """
    with reading(ctx.engine) as conn:
        media_type = _named_type(conn, device, sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(
            "422.61",
            words("The file's content is not the one its name stands for."),
            words("Send the file again, whole."),
        )
    ctx.blobs.put(content)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        known = conn.execute(select(func.count()).where(blobs.c.sha256 == sha256)).scalar()
        if known:
            return False
        conn.execute(
            insert(blobs).values(
                sha256=sha256,
                size=len(content),
                type=media_type,
                device_id=device.device_id,
                received_at=now,
            )
        )
        settlement = Settlement(now, builtin_rulesets())
        settlement.release_held(conn)
        record(
            conn,
            at=now,
            actor=device.device_id,
            action="file.received",
            subject=sha256,
            detail={"size": len(content)},
        )
        publish(conn, settlement.changes(conn), now)
    release_late(ctx)
    return True


def get_file(ctx: ServerContext, device: Device, sha256: str) -> bytes:
    """The content, for a device of the officer whose operation names it; NotFoundError 404.43 or 404.6."""
    with reading(ctx.engine) as conn:
        _named_type(conn, device, sha256)
    return ctx.blobs.get(sha256)


def _named_type(conn: Connection, device: Device, sha256: str) -> str:
    """The media type that an operation of this officer gives the file."""
    named = (
        select(attachments.c.type)
        .join(operations, operations.c.op_id == attachments.c.op_id)
        .join(devices, devices.c.device_id == operations.c.device_id)
        .where(attachments.c.sha256 == sha256, devices.c.officer_id == device.officer.officer_id)
    )
    found = conn.execute(named.limit(1)).scalar()
    if found is None:
        raise NotFoundError(
            "404.43",
            words("No record of yours names this file."),
            words("Sync the record first, then send its files."),
        )
    return str(found)
