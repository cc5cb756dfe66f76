"""Keeps records that no log can take until a person decides; whatever stops collection does so at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.domain.codec import to_json
from fieldsync.errors import InputError
from fieldsync.sync.chain import Linked
from fieldsync.sync.messages import QUARANTINE_TAG, Quarantined, SignedReceipt
from fieldsync.sync.operation import PushedOperation
from fieldsync.words import words
from server.context import ServerContext
from server.security.sealing import opened
from server.security.text_keys import sign_text
from server.store.audit import record
from server.store.cases import lock_cases
from server.store.devices import Device, load_device
from server.store.engine import writing
from server.store.feed import publish
from server.store.quarantine import (
    Cause,
    add_quarantined,
    hashes_by_id,
    quarantined_among,
    usage_of,
)
from server.store.retrying import retried
from server.workflow.read_operation import read_each
from server.workflow.receive_operations import check_size
from server.workflow.share_cases import share_cases
from server.workflow.stop_collection import stop_collection

# What one device may keep here: years of work, and no more than a disk bears from a stolen one.
RECORDS_MAX = 20_000
SIZE_MAX = 64 << 20


@dataclass(frozen=True, slots=True)
class Sorted:
    """Records by what the server has of them; `fresh` are in neither a log nor quarantine."""

    stored: tuple[Linked, ...]
    quarantined: tuple[Linked, ...]
    fresh: tuple[Linked, ...]


def quarantine(
    ctx: ServerContext, device: Device, pushed: Sequence[PushedOperation]
) -> SignedReceipt:
    """Keep records a device could not push, once each; the server's signed word on all of them.

    InputError 400.51 as in `opened`, 400.43 or 400.44 as in `read_each`, 413.1 for too many bytes at
    once, 413.6 where the device has as much in quarantine as it may; then nothing is kept.
    """
    operations = opened(ctx.keys.seals, pushed)
    check_size(operations)
    batch = read_each(device, operations)
    now = ctx.clock.now()
    keep(ctx, device, batch, now)
    body = to_json(Quarantined(device.device_id, tuple(linked.hash for linked in batch), now))
    return SignedReceipt(body, sign_text(ctx.keys.receipt, QUARANTINE_TAG, body))


@retried
def keep(
    ctx: ServerContext,
    device: Device,
    batch: Sequence[Linked],
    now: datetime,
    cause: Cause = Cause.FORKED,
) -> Sorted:
    """Keep verified records in one transaction, and say which of them were here already.

    `cause` is why no log takes them, where the device is not revoked. InputError 413.6.
    """
    with writing(ctx.engine) as conn:
        device = load_device(conn, device.device_id, lock=True) or device
        if device.revoked_from_seq is not None:
            cause = Cause.REVOKED
        found = sort_out(conn, batch)
        _keep(conn, device, found.fresh, cause, now)
    return found


def sort_out(conn: Connection, batch: Sequence[Linked]) -> Sorted:
    """What of a batch is new; a record that comes twice in it counts once."""
    known = hashes_by_id(conn, [linked.operation.op_id for linked in batch])
    apart = quarantined_among(conn, [linked.hash for linked in batch])
    stored, quarantined, fresh = [], [], {}
    for linked in batch:
        if known.get(linked.operation.op_id) == linked.hash:
            stored.append(linked)
        elif linked.hash in apart:
            quarantined.append(linked)
        else:
            fresh[linked.hash] = linked
    return Sorted(tuple(stored), tuple(quarantined), tuple(fresh.values()))


def _keep(
    conn: Connection, device: Device, fresh: Sequence[Linked], cause: Cause, now: datetime
) -> None:
    if not fresh:
        return
    _check_room(conn, device, fresh)
    add_quarantined(conn, fresh, cause, now)
    lock_cases(conn, {linked.operation.case_id or "" for linked in fresh})
    stopped: set[str] = set()
    for linked in fresh:
        stopped |= stop_collection(conn, linked.operation)
    record(
        conn,
        at=now,
        actor=device.device_id,
        action="operations.quarantined",
        subject=device.officer.officer_id,
        detail={"count": len(fresh), "cause": cause.value},
    )
    publish(conn, share_cases(conn, sorted(stopped)), now)


def _check_room(conn: Connection, device: Device, fresh: Sequence[Linked]) -> None:
    used = usage_of(conn, device.device_id)
    records = used.records + len(fresh)
    size = used.size + sum(len(linked.body.encode()) for linked in fresh)
    if records > RECORDS_MAX or size > SIZE_MAX:
        raise InputError(
            "413.6",
            words(
                "A device keeps at most {records} records and {size} MB in quarantine.",
                records=RECORDS_MAX,
                size=SIZE_MAX >> 20,
            ),
            words(
                "Nothing more was kept. Write the records out with"
                " `fieldsync export --rescue FILE` and give the file to the office."
            ),
        )
