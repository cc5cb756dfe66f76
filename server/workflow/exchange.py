"""One exchange with a device: its operations up in one transaction, then a page of its officer's feed down."""

from dataclasses import dataclass
from datetime import datetime

from fieldsync.adapters.request_signatures import Signed
from fieldsync.sync.chain import Linked
from fieldsync.sync.digest import Digest
from fieldsync.sync.messages import OperationResult, SignedReceipt, SyncRequest
from server.context import ServerContext
from server.security.sealing import opened
from server.store.devices import Device
from server.store.engine import writing
from server.store.hold_spread import mark_known
from server.store.retrying import retried
from server.workflow.notice_restore import notice_restore
from server.workflow.read_operation import read_each, read_log
from server.workflow.receive_operations import Received, Refused, check_size, receive
from server.workflow.serve_changes import (
    Page,
    StoredChange,
    cases_in,
    page_without_news,
    place_of,
    serve,
)
from server.workflow.settle_operations import release_late
from server.workflow.tell_reads import note_read
from server.workflow.use_nonce import use_once


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A `sync.messages.SyncResponse` whose rows are still the text they are stored as."""

    receipt: SignedReceipt
    results: tuple[OperationResult, ...]
    changes: tuple[StoredChange, ...]
    cursor: str
    complete: bool
    digest: Digest | None
    server_time: datetime


@dataclass(frozen=True, slots=True)
class _Push:
    """What a request brings, verified; `urgent` is shown ahead of its place in the log."""

    batch: tuple[Linked, ...]
    urgent: tuple[Linked, ...]


def exchange(ctx: ServerContext, device: Device, signed: Signed, asked: SyncRequest) -> Exchanged:
    """Everything pushed is stored before anything is read.

    Errors as in `opened`, `check_size`, `read_log`, `receive`, `serve` and `use_once`.
    """
    operations = opened(ctx.keys.seals, asked.operations)
    check_size(operations)
    batch = read_log(device, operations)
    urgent = read_each(device, opened(ctx.keys.seals, asked.urgent))
    notice_restore(ctx, device, asked.receipt)
    received, page = _take_up(ctx, device, signed, asked.cursor, _Push(batch, urgent))
    if isinstance(received, Refused):
        raise received.error
    if (asked.operations and release_late(ctx)) or page is None:
        page = serve(ctx, device.officer.officer_id, asked.cursor, asked.page_bytes)
    note_read(
        ctx, "case.pulled", cases_in(page), by=device.device_id, subject=device.officer.officer_id
    )
    return Exchanged(
        receipt=received.receipt,
        results=received.results,
        changes=page.changes,
        cursor=page.cursor,
        complete=page.complete,
        digest=page.digest,
        server_time=ctx.clock.now(),
    )


@retried
def _take_up(
    ctx: ServerContext, device: Device, signed: Signed, cursor: str | None, push: _Push
) -> tuple[Received | Refused, Page | None]:
    """The one write of an exchange: the request's nonce is used up with what the request brings.

    The page comes along where it is empty; rows are read after the write, for which others wait.
    """
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        use_once(conn, signed, now)
        # First, so that a cursor that is not ours to follow stops it before anything is stored.
        place, feed = place_of(ctx, conn, device.officer.officer_id, cursor)
        received = receive(ctx, conn, device, push.batch, now, urgent=push.urgent)
        if feed.waiting_from is not None and feed.waiting_from <= place.fseq:
            mark_known(conn, place.agent, place.fseq, now)
        return received, page_without_news(ctx, conn, place)
