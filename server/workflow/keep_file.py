"""Keeps a file that an operation named, releases what waited for it, and hands it back to its owner."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from fieldsync.adapters.pdf_verify import check_document
from fieldsync.errors import NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.store import disk_errors
from server.store.audit import record
from server.store.devices import Device
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.quarantine import files_named
from server.store.retrying import retried
from server.store.tables import attachments, blobs, devices, operations
from server.workflow.certify_device import document_authority
from server.workflow.counter_seal import seal_waiting
from server.workflow.settle_operations import Settlement, release_late

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as operations name it; `kept` is its size where the server has it."""

    sha256: str
    type: str
    sizes: tuple[int, ...]
    kept: int | None


def keep_file(ctx: ServerContext, device: Device, sha256: str, content: bytes) -> bool:
    """Keep the file durably; whether it is new here. Keeping it again changes nothing.

    NotFoundError 404.43 where no operation of this device's officer names it; InputError 422.61 where
    the content is another one than its name says.
    """
    named = named_file(ctx, device, sha256)
    with disk_errors.told():
        ctx.blobs.put_pieces(sha256, (content,))
    return note_kept(ctx, device, named, len(content))


def note_kept(ctx: ServerContext, device: Device, named: NamedFile, size: int) -> bool:
    """Say that the file is in the blob store, and release what waited; whether that is news."""
    is_new = _note(ctx, device, named, size, _seal_faults(ctx, named))
    if is_new:
        release_late(ctx)
        seal_waiting(ctx)
    return is_new


def _seal_faults(ctx: ServerContext, named: NamedFile) -> str | None:
    """What is wrong with the seals of a document, worked out before anything is locked; None for others."""
    if named.type != _PDF:
        return None
    authority = document_authority(ctx).root.certificate
    check = check_document(ctx.blobs.get(named.sha256), [authority])
    return ",".join(fault.value for fault in check.all_faults)


@retried
def _note(
    ctx: ServerContext, device: Device, named: NamedFile, size: int, seal_faults: str | None
) -> bool:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        known = select(func.count()).where(blobs.c.sha256 == named.sha256)
        if conn.execute(known).scalar():
            return False
        conn.execute(
            insert(blobs).values(
                sha256=named.sha256,
                size=size,
                type=named.type,
                device_id=device.device_id,
                received_at=now,
                seal_faults=seal_faults,
            )
        )
        settlement = Settlement(now, ctx.rulesets, ctx.config.mandate)
        settlement.release_held(conn)
        record(
            conn,
            at=now,
            actor=device.device_id,
            action="file.received",
            subject=named.sha256,
            detail={"size": size},
        )
        publish(conn, settlement.changes(conn), now)
    return True


def get_file(ctx: ServerContext, device: Device, sha256: str) -> bytes:
    """The content, for a device of the officer whose operation names it; NotFoundError 404.43 or 404.6."""
    named_file(ctx, device, sha256)
    return ctx.blobs.get(sha256)


def named_file(ctx: ServerContext, device: Device, sha256: str) -> NamedFile:
    """What the operations of this device's officer say of the file; NotFoundError 404.43 where none does."""
    with reading(ctx.engine) as conn:
        officer_id = device.officer.officer_id
        said = _said_of(conn, device, sha256) or files_named(conn, officer_id, sha256)
        size = conn.execute(select(blobs.c.size).where(blobs.c.sha256 == sha256)).scalar()
    if not said:
        raise NotFoundError(
            "404.43",
            words("No record of yours names this file."),
            words("Sync the record first, then send its files."),
        )
    # A row without its file is a restored folder: the file may come again.
    kept = size if size is not None and ctx.blobs.has(sha256) else None
    return NamedFile(sha256, said[0][0], tuple(told for _type, told in said), kept)


def _said_of(conn: Connection, device: Device, sha256: str) -> list[tuple[str, int]]:
    named = (
        select(attachments.c.type, attachments.c.size)
        .join(operations, operations.c.op_id == attachments.c.op_id)
        .join(devices, devices.c.device_id == operations.c.device_id)
        .where(attachments.c.sha256 == sha256, devices.c.officer_id == device.officer.officer_id)
        .order_by(operations.c.received_at)
        .limit(20)
    )
    return [(str(row.type), int(row.size)) for row in conn.execute(named)]
