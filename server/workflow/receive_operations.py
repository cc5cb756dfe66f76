"""Receives one push: fits it to the device's log, stores all of it or nothing, and settles it."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from fieldsync.domain.codec import to_json
from fieldsync.errors import ConflictError, InputError
from fieldsync.sync.chain import (
    Arrangement,
    Head,
    Linked,
    Placement,
    arrange,
)
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    RECEIPT_TAG,
    OperationResult,
    Receipt,
    SignedReceipt,
)
from fieldsync.sync.operation import Operation, SignedOperation
from fieldsync.sync.outcome import Outcome, OutcomeKind
from fieldsync.words import words
from server.context import ServerContext
from server.security.text_keys import sign_text
from server.store.audit import record
from server.store.devices import Device, load_device, move_head
from server.store.early_operations import drop_early, early_hashes
from server.store.feed import publish
from server.store.meta import epoch_of
from server.store.operations import (
    hashes_between,
    missing_files,
    operations_at,
    outcomes_of,
)
from server.store.quarantine import bring_to_place
from server.store.tables import forks
from server.workflow.revoke_device import shut_out
from server.workflow.settle_operations import Settlement
from server.workflow.share_cases import share_cases
from server.workflow.stop_early import stop_early
from server.workflow.strike_stops import strike_stops


@dataclass(frozen=True, slots=True)
class Received:
    """What the device is told of its push, after the commit."""

    receipt: SignedReceipt
    results: tuple[OperationResult, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A push that does not fit the log; the evidence of a fork is to be committed all the same."""

    error: ConflictError


def check_size(pushed: Sequence[SignedOperation]) -> None:
    """InputError 413.1 where a batch has too many bytes."""
    if sum(len(signed.body.encode()) for signed in pushed) > BATCH_BYTES_MAX:
        raise InputError(
            "413.1",
            words("The batch is larger than {limit} bytes.", limit=BATCH_BYTES_MAX),
            words("Send fewer operations at a time."),
        )


def receive(
    ctx: ServerContext,
    conn: Connection,
    device: Device,
    batch: Sequence[Linked],
    now: datetime,
    *,
    urgent: Sequence[Linked] = (),
) -> Received | Refused:
    """Store a verified batch in the caller's write transaction, all of it or nothing.

    What `urgent` stops is stopped first, whatever becomes of the batch.
    Refused for a gap (409.41) or a fork (409.42); ConflictError 409.43 for an id that is used
    already, UnauthorisedError 403.46 for a revoked device.
    """
    device = load_device(conn, device.device_id, lock=True) or device
    shown = early_hashes(conn, device.device_id)
    arrangement = _arrange(conn, device, batch, shown)
    if arrangement.placement is Placement.FITS:
        head, fresh = _store(ctx, conn, device, arrangement.fresh, urgent, now)
        drop_early(conn, [o.operation.op_id for o in arrangement.fresh if o.operation.seq in shown])
        told = fresh | _known_results(conn, device, batch, fresh)
        receipt = _receipt(ctx, device.device_id, head, epoch_of(conn), now)
        return Received(receipt, tuple(told[linked.operation.seq] for linked in batch))
    if arrangement.placement is Placement.FORK:
        _keep_evidence(ctx, conn, arrangement, now)
    _stop_now(conn, urgent, now)
    return Refused(_conflict(device, arrangement))


def _store(
    ctx: ServerContext,
    conn: Connection,
    device: Device,
    fresh: Sequence[Linked],
    urgent: Sequence[Linked],
    now: datetime,
) -> tuple[Head, dict[int, OperationResult]]:
    """Everything of a batch that is new, and what follows from it; the feed comes last."""
    head = Head(fresh[-1].operation.seq, fresh[-1].hash) if fresh else device.head
    move_head(conn, device.device_id, head, now)
    if not fresh:
        _stop_now(conn, urgent, now)
        return head, {}
    new = _new_ones(conn, device, fresh)
    settlement = Settlement(now, ctx.rulesets, ctx.config.mandate)
    settlement.stopped |= stop_early(conn, urgent, now)
    settlement.cases |= settlement.stopped
    facts = settlement.take_all(conn, new, device.officer.officer_id)
    settlement.release_held(conn)
    record(
        conn,
        at=now,
        actor=device.device_id,
        action="operations.received",
        subject=device.officer.officer_id,
        detail={"count": len(fresh), "head_seq": head.seq},
    )
    publish(conn, settlement.changes(conn), now)
    return head, {
        linked.operation.seq: _result(
            linked.operation,
            settlement.outcomes[linked.operation.op_id],
            facts.missing_of(linked.operation),
        )
        for linked in new
    }


def _stop_now(conn: Connection, urgent: Sequence[Linked], now: datetime) -> None:
    """The same where nothing else of the request is stored."""
    if urgent:
        stopped = stop_early(conn, urgent, now)
        publish(conn, share_cases(conn, sorted(stopped)) + strike_stops(conn, stopped, now), now)


def _arrange(
    conn: Connection, device: Device, batch: Sequence[Linked], shown: Mapping[int, str]
) -> Arrangement:
    seqs = [linked.operation.seq for linked in batch if linked.operation.seq <= device.head.seq]
    stored = hashes_between(conn, device.device_id, min(seqs), max(seqs)) if seqs else {}
    return arrange(device.head, stored, batch, shown)


def _new_ones(conn: Connection, device: Device, fresh: Sequence[Linked]) -> Sequence[Linked]:
    """Those still to be settled. Ids are never used twice, and a revoked key signs nothing new.

    What was taken in from quarantine before its log reached it is settled; it comes to its place.
    """
    op_ids = [linked.operation.op_id for linked in fresh]
    taken = set(outcomes_of(conn, op_ids))
    placed = bring_to_place(conn, fresh) if taken else frozenset()
    taken -= placed
    if taken or len(set(op_ids)) != len(op_ids):
        raise ConflictError(
            "409.43",
            words("An operation's id is used already."),
            words("Nothing was stored. Run `fieldsync doctor` on the device."),
        )
    revoked = device.revoked_from_seq
    if revoked is not None and fresh[-1].operation.seq >= revoked:
        raise shut_out()
    return [linked for linked in fresh if linked.operation.op_id not in placed] if placed else fresh


def _keep_evidence(
    ctx: ServerContext, conn: Connection, arrangement: Arrangement, now: datetime
) -> None:
    linked = arrangement.at
    if linked is None:
        return
    operation = linked.operation
    conn.execute(
        insert(forks).values(
            fork_id=ctx.new_id(),
            device_id=operation.device_id,
            seq=operation.seq,
            body=linked.body,
            signature=linked.sig,
            received_at=now,
        )
    )
    record(
        conn,
        at=now,
        actor=operation.device_id,
        action="operations.fork",
        subject=operation.device_id,
        detail={"seq": operation.seq},
    )


def _conflict(device: Device, arrangement: Arrangement) -> ConflictError:
    at = arrangement.at.operation.seq if arrangement.at else 0
    facts = {"head_seq": device.head.seq, "head_hash": device.head.hash, "at_seq": at}
    if arrangement.placement is Placement.GAP:
        return ConflictError(
            "409.41",
            words(
                "The server has this device's records up to {head}; the push begins at {seq}.",
                head=device.head.seq,
                seq=at,
            ),
            words("Send again from record {next}.", next=device.head.seq + 1),
            **facts,
        )
    return ConflictError(
        "409.42",
        words("Record {seq} of this device is another one than the server has.", seq=at),
        words(
            "Two copies of this device are at work. Sync puts what is only here into quarantine, where"
            " the office decides. Tell your supervisor, and enrol anew."
        ),
        **facts,
    )


def _known_results(
    conn: Connection, device: Device, batch: Sequence[Linked], told: Container[int]
) -> dict[int, OperationResult]:
    """Where operations stand that were stored before, told again."""
    seqs = sorted({linked.operation.seq for linked in batch if linked.operation.seq not in told})
    found = operations_at(conn, device.device_id, seqs) if seqs else []
    named = [a.sha256 for stored in found for a in stored.operation.attachments]
    missing = set(missing_files(conn, named))
    return {
        stored.operation.seq: _result(
            stored.operation,
            stored.outcome,
            tuple(a.sha256 for a in stored.operation.attachments if a.sha256 in missing),
        )
        for stored in found
    }


def _result(operation: Operation, outcome: Outcome, missing: tuple[str, ...]) -> OperationResult:
    """What the device is told of one operation; a rejected one needs no files any more."""
    needs = () if outcome.kind is OutcomeKind.REJECTED else missing
    return OperationResult(operation.op_id, operation.seq, outcome, needs)


def _receipt(
    ctx: ServerContext, device_id: str, head: Head, epoch: str, now: datetime
) -> SignedReceipt:
    """The server's signed word on the log."""
    body = to_json(Receipt(device_id, head.seq, head.hash, epoch, now))
    return SignedReceipt(body, sign_text(ctx.keys.receipt, RECEIPT_TAG, body))
