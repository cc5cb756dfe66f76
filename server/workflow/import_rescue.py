"""Imports a rescue file: what continues a device's log goes the way of a push, the rest to quarantine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fieldsync.errors import ConflictError, InputError, UnauthorisedError
from fieldsync.schemas.fault import Fault
from fieldsync.schemas.rescue import read_rescue
from fieldsync.sync.chain import Linked
from fieldsync.sync.continuation import Continuation, continue_log
from fieldsync.sync.messages import BATCH_BYTES_MAX, BATCH_OPERATIONS_MAX
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.devices import Device
from server.store.engine import reading, writing
from server.store.quarantine import Cause, hashes_by_id
from server.store.retrying import retried
from server.workflow.quarantine_operations import keep, sort_out
from server.workflow.receive_operations import Received, receive
from server.workflow.rescue_files import keep_rescued_files
from server.workflow.rescue_report import Entry, Fate, RescueProblem, RescueReport
from server.workflow.settle_operations import release_late
from server.workflow.tabular import unreadable
from server.workflow.verify_rescue import NumberedRecord, Verified, verify_records

# All of it is read at once; a device keeps no more than some hundred photos unsent.
SIZE_MAX = 512 << 20


@dataclass(frozen=True, slots=True)
class _Plan:
    """The way of one device's records; `there` are hashes the server has, `in_log` counts its log's."""

    way: Continuation
    there: set[str]
    in_log: int


def import_rescue(ctx: ServerContext, path: Path, *, dry_run: bool) -> RescueReport:
    """Take in what is authentic, once; doing it again changes nothing. One bad entry stops no other.

    InputError 400.16 where the file cannot be read, 400.21 where it is too large, 400.19 and 400.20
    as in `read_rescue`.
    """
    found = read_rescue(_content(path), path.name)
    report = RescueReport(found.unreadable)
    with reading(ctx.engine) as conn:
        verified = verify_records(conn, ctx.keys.seals, found.records, report)
    for device_id, numbered in verified.records.items():
        _take_in(ctx, verified.devices[device_id], numbered, report, dry_run=dry_run)
    keep_rescued_files(ctx, found.files, _owners(verified), report, dry_run=dry_run)
    report.problems.sort(key=lambda problem: (problem.entry is Entry.FILE, problem.number))
    if not dry_run:
        release_late(ctx)
        _note(ctx, report)
    return report


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > SIZE_MAX:
            raise InputError(
                "400.21",
                words("{file} is larger than {limit} MB.", file=path.name, limit=SIZE_MAX >> 20),
                words("A rescue file is never that large: check what it is."),
            )
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _take_in(
    ctx: ServerContext,
    device: Device,
    numbered: Sequence[NumberedRecord],
    report: RescueReport,
    *,
    dry_run: bool,
) -> None:
    """All records of one device, those that go on in its log first."""
    plan = _plan(ctx, device, [one.linked for one in numbered])
    left = () if dry_run else _push(ctx, device, plan.way.run)
    report.records[Fate.ALREADY_THERE] += plan.in_log
    _count(report, plan, plan.way.run[: len(plan.way.run) - len(left)], Fate.STORED)
    apart = ((Cause.FORKED, (*plan.way.forked, *left)), (Cause.RESCUED, plan.way.beyond))
    numbers = {one.linked.hash: one.number for one in numbered}
    for cause, records in apart:
        for batch in _batches(records):
            try:
                if not dry_run:
                    keep(ctx, device, batch, ctx.clock.now(), cause)
            except InputError as error:
                _refuse(report, plan, batch, numbers, error)
            else:
                _count(report, plan, batch, Fate.QUARANTINED)


def _plan(ctx: ServerContext, device: Device, records: Sequence[Linked]) -> _Plan:
    with reading(ctx.engine) as conn:
        found = sort_out(conn, records)
        stored = hashes_by_id(conn, [linked.operation.op_id for linked in records])
    in_log = {one.hash for one in found.stored if one.operation.seq <= device.head.seq}
    there = {one.hash for one in (*found.stored, *found.quarantined)}
    candidates = [one for one in records if one.hash not in in_log]
    if device.revoked_from_seq is not None:
        return _Plan(Continuation((), (), tuple(candidates)), there, len(in_log))
    # An id that another record has can never stand in a log a second time.
    taken = [o for o in candidates if stored.get(o.operation.op_id, o.hash) != o.hash]
    way = continue_log(device.head, [one for one in candidates if one not in taken])
    return _Plan(replace(way, forked=(*way.forked, *taken)), there, len(in_log))


def _push(ctx: ServerContext, device: Device, run: tuple[Linked, ...]) -> tuple[Linked, ...]:
    """Store them as a push would; those that did not fit after all, where the device was faster."""
    done = 0
    for batch in _batches(run):
        if not _is_received(ctx, device, batch):
            break
        done += len(batch)
    return run[done:]


@retried
def _is_received(ctx: ServerContext, device: Device, batch: Sequence[Linked]) -> bool:
    try:
        with writing(ctx.engine) as conn:
            return isinstance(receive(ctx, conn, device, batch, ctx.clock.now()), Received)
    except (ConflictError, UnauthorisedError):
        return False


def _batches(records: Sequence[Linked]) -> Iterator[list[Linked]]:
    """The records in order, within what one push may hold."""
    batch: list[Linked] = []
    size = 0
    for linked in records:
        own = len(linked.body.encode())
        if batch and (len(batch) == BATCH_OPERATIONS_MAX or size + own > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(linked)
        size += own
    if batch:
        yield batch


def _count(report: RescueReport, plan: _Plan, records: Sequence[Linked], fate: Fate) -> None:
    for linked in records:
        report.records[Fate.ALREADY_THERE if linked.hash in plan.there else fate] += 1


def _refuse(
    report: RescueReport,
    plan: _Plan,
    batch: Sequence[Linked],
    numbers: Mapping[str, int],
    error: InputError,
) -> None:
    """The device's share of quarantine is used up: what is new in the batch stays in the file."""
    _count(report, plan, [one for one in batch if one.hash in plan.there], Fate.ALREADY_THERE)
    fault = Fault(error.code, error.message, error.hint or error.message)
    for linked in batch:
        if linked.hash not in plan.there:
            number = numbers[linked.hash]
            report.refuse(RescueProblem(Entry.RECORD, number, "body", fault))


def _owners(verified: Verified) -> dict[str, Device]:
    """By the SHA-256 of a file: the device whose records name it."""
    return {
        named.sha256: verified.devices[device_id]
        for device_id, numbered in verified.records.items()
        for one in numbered
        for named in one.linked.operation.attachments
    }


@retried
def _note(ctx: ServerContext, report: RescueReport) -> None:
    with writing(ctx.engine) as conn:
        record(
            conn,
            at=ctx.clock.now(),
            actor="office",
            action="rescue.imported",
            subject="records",
            detail={
                "records": {fate.value: report.records[fate] for fate in Fate},
                "files": {fate.value: report.files[fate] for fate in Fate},
            },
        )
