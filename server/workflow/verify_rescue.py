"""Verifies every record of a rescue file by itself: its shape, its device, its bytes, its signature."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
from nacl.public import PrivateKey
from sqlalchemy import Connection

from fieldsync.errors import FieldsyncError
from fieldsync.schemas.fault import Fault
from fieldsync.schemas.rescue import EntryFault, RescuedRecord, read_record
from fieldsync.sync.chain import Linked
from fieldsync.sync.operation import SealedOperation
from fieldsync.words import Words, words
from server.security.sealing import opened
from server.store.devices import Device, load_device
from server.store.quarantine import hashes_by_id
from server.workflow.read_operation import read_operation
from server.workflow.rescue_report import Entry, Fate, RescueProblem, RescueReport

_NOTHING = words("Nothing of this record was stored; the others are not touched by it.")


@dataclass(frozen=True, slots=True)
class NumberedRecord:
    """An authentic record and its place in the file, from 1."""

    number: int
    linked: Linked


@dataclass(slots=True)
class Verified:
    """The authentic records by device, in the order of the file, each once."""

    devices: dict[str, Device] = field(default_factory=dict)
    records: dict[str, list[NumberedRecord]] = field(default_factory=lambda: defaultdict(list))


class _Named(msgspec.Struct):
    """The one part of a body that says whose it is."""

    device_id: str


def verify_records(
    conn: Connection, seals: Sequence[PrivateKey], entries: Sequence[object], report: RescueReport
) -> Verified:
    """Sort out what is authentic; the report learns what is not, and what is known without a body."""
    found = Verified()
    seen: set[str] = set()
    for number, raw in enumerate(entries, start=1):
        answer = _verified(conn, found.devices, _opened(seals, read_record(raw)))
        if isinstance(answer, EntryFault):
            report.refuse(RescueProblem(Entry.RECORD, number, answer.field, answer.fault))
        elif answer is None or answer.hash in seen:
            report.records[Fate.ALREADY_THERE] += 1
        else:
            seen.add(answer.hash)
            found.records[answer.operation.device_id].append(NumberedRecord(number, answer))
    return found


def _opened(
    seals: Sequence[PrivateKey], record: RescuedRecord | EntryFault
) -> RescuedRecord | EntryFault:
    """The record with its body, where the device had only what it sealed to this server."""
    if isinstance(record, EntryFault) or record.body or record.sealed is None:
        return record
    try:
        signed = opened(seals, [SealedOperation(record.sealed, record.sig)])[0]
    except FieldsyncError as error:
        return EntryFault("sealed", Fault(error.code, error.message, _NOTHING))
    return replace(record, body=signed.body)


def _verified(
    conn: Connection, devices: dict[str, Device], record: RescuedRecord | EntryFault
) -> Linked | EntryFault | None:
    """The record with its hash; None where its body left the device because the server has it."""
    if isinstance(record, EntryFault):
        return record
    if not record.body and record.hash is not None:
        return _forgotten(conn, record)
    device = _device_of(conn, devices, record.body)
    return device if isinstance(device, EntryFault) else _authentic(device, record)


def _device_of(conn: Connection, devices: dict[str, Device], body: str) -> Device | EntryFault:
    """The enrolled device that the body names; `devices` remembers those that were asked for."""
    try:
        device_id = msgspec.json.decode(body, type=_Named).device_id
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError):
        return _fault("body", "422.134", words("The record's content is damaged."))
    device = devices.get(device_id) or load_device(conn, device_id)
    if device is None:
        return _fault("device_id", "422.133", words("No such device is enrolled here."))
    devices[device_id] = device
    return device


def _authentic(device: Device, record: RescuedRecord) -> Linked | EntryFault:
    try:
        linked = read_operation(device, record.signed)
    except FieldsyncError as error:
        # Of an envelope the wrong part is named; everything else is told by the signature.
        part = str(error.details.get("field", "sig"))
        return EntryFault(part, Fault(error.code, error.message, _NOTHING))
    if record.hash not in {None, linked.hash}:
        return _fault("hash", "422.135", words("The record's hash is not the one of its content."))
    return linked


def _forgotten(conn: Connection, record: RescuedRecord) -> EntryFault | None:
    op_id = record.op_id or ""
    if hashes_by_id(conn, [op_id]).get(op_id) == record.hash:
        return None
    told = words("The record has no content, and the server does not have it either.")
    return _fault("body", "422.136", told)


def _fault(part: str, code: str, told: Words) -> EntryFault:
    return EntryFault(part, Fault(code, told, _NOTHING))
