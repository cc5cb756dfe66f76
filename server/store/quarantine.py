"""Reads and writes quarantined records: authentic, of an enrolled device, and in no log of the server."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)

from fieldsync.sync.chain import Linked
from fieldsync.sync.operation import Operation, decode_body
from server.store.chunks import chunks
from server.store.dialect import insert_into, locked, size_of
from server.store.tables import devices, operations, quarantine

_ARRIVAL = (quarantine.c.received_at, quarantine.c.device_id, quarantine.c.seq, quarantine.c.hash)


class Cause(StrEnum):
    """Why no log takes the record: its device goes two ways, is shut out, or left gaps in a rescue file."""

    FORKED = "forked"
    REVOKED = "revoked"
    RESCUED = "rescued"


class QuarantineState(StrEnum):
    """Where a record stands; `arrived` is one that came in its log after all."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ARRIVED = "arrived"


# Nobody writes down that a record arrived: it is seen where its log has it.
_AS_KEPT = {QuarantineState.ARRIVED: QuarantineState.WAITING}


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """A record kept apart. `is_id_taken`: another body is stored under its id, so it can only be refused."""

    operation: Operation
    body: str
    sig: str
    hash: str
    officer_id: str
    cause: Cause
    received_at: datetime
    state: QuarantineState
    is_id_taken: bool
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None

    @property
    def linked(self) -> Linked:
        """The record as it came."""
        return Linked(self.operation, self.body, self.sig, self.hash)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much a device keeps in quarantine, decided records included."""

    records: int
    size: int


def usage_of(conn: Connection, device_id: str) -> Usage:
    """Records and the bytes of their bodies."""
    size = func.coalesce(func.sum(size_of(conn, quarantine.c.body)), 0)
    row = conn.execute(select(func.count(), size).where(quarantine.c.device_id == device_id)).one()
    return Usage(int(row[0]), int(row[1]))


def quarantined_among(conn: Connection, hashes: Sequence[str]) -> set[str]:
    """Those of the hashes that are in quarantine, whatever was decided of them."""
    found: set[str] = set()
    for chunk in chunks(hashes):
        rows = conn.execute(select(quarantine.c.hash).where(quarantine.c.hash.in_(chunk)))
        found |= set(rows.scalars())
    return found


def hashes_by_id(conn: Connection, op_ids: Sequence[str]) -> dict[str, str]:
    """The hash of each of these operations that is stored in a log or was taken in from quarantine."""
    found: dict[str, str] = {}
    query = select(operations.c.op_id, operations.c.hash)
    for chunk in chunks(op_ids):
        rows = conn.execute(query.where(operations.c.op_id.in_(chunk)))
        found |= {row.op_id: row.hash for row in rows}
    return found


def add_quarantined(conn: Connection, fresh: Sequence[Linked], cause: Cause, at: datetime) -> None:
    """Keep the records; one that is here already stays as it is."""
    rows = [
        {
            "hash": linked.hash,
            "device_id": linked.operation.device_id,
            "seq": linked.operation.seq,
            "op_id": linked.operation.op_id,
            "kind": linked.operation.kind,
            "case_id": linked.operation.case_id,
            "body": linked.body,
            "signature": linked.sig,
            "cause": cause.value,
            "received_at": at,
            "state": QuarantineState.WAITING.value,
        }
        for linked in fresh
    ]
    if rows:
        conn.execute(insert_into(conn, quarantine).on_conflict_do_nothing(), rows)


def find_quarantined(
    conn: Connection,
    states: Collection[QuarantineState] = (),
    *,
    device_id: str | None = None,
) -> list[QuarantinedRecord]:
    """Records in these states (any, where none is named), in the order they came."""
    query = _query()
    if device_id is not None:
        query = query.where(quarantine.c.device_id == device_id)
    if states:
        query = query.where(quarantine.c.state.in_({_AS_KEPT.get(s, s).value for s in states}))
    found = [_to_record(row) for row in conn.execute(query.order_by(*_ARRIVAL))]
    return [record for record in found if not states or record.state in states]


def load_quarantined(conn: Connection, record_hash: str) -> QuarantinedRecord | None:
    """The record with this hash, or None; nobody else decides it while a write looks at it."""
    query = _query().where(quarantine.c.hash == record_hash)
    row = conn.execute(locked(conn, query, quarantine)).first()
    return _to_record(row) if row else None


def hashes_named(conn: Connection, name: str, *, ends: bool) -> list[str]:
    """The hashes of the records that this hash or operation's id names, whole or (`ends`) by its end."""
    columns = (quarantine.c.hash, quarantine.c.op_id)
    named = [
        column.endswith(name, autoescape=True) if ends else column == name for column in columns
    ]
    query = select(quarantine.c.hash).where(or_(*named)).order_by(quarantine.c.hash)
    return list(conn.execute(query).scalars())


def settle_quarantined(
    conn: Connection, record_hash: str, state: QuarantineState, *, at: datetime, by: str, why: str
) -> None:
    """Say what was decided, by whom and why."""
    conn.execute(
        update(quarantine)
        .where(quarantine.c.hash == record_hash)
        .values(state=state.value, decided_at=at, decided_by=by, reason=why)
    )


def place_outside_the_log(conn: Connection, device_id: str) -> int:
    """The next number for a record that is taken in beside its log: -1, -2, ... in order of adoption."""
    query = select(func.min(operations.c.seq)).where(operations.c.device_id == device_id)
    return min(0, conn.execute(query).scalar() or 0) - 1


def bring_to_place(conn: Connection, fresh: Sequence[Linked]) -> frozenset[str]:
    """Give records that were taken in beside their log the place they now come at; their ids."""
    placed = set()
    for linked in fresh:
        operation = linked.operation
        moved = conn.execute(
            update(operations)
            .where(
                operations.c.op_id == operation.op_id,
                operations.c.device_id == operation.device_id,
                operations.c.hash == linked.hash,
                operations.c.seq < 0,
            )
            .values(seq=operation.seq)
        )
        if moved.rowcount:
            placed.add(operation.op_id)
    return frozenset(placed)


def files_named(conn: Connection, officer_id: str, sha256: str) -> list[tuple[str, int]]:
    """Media type and size that an officer's quarantined records give a file, until it is decided."""
    rows = conn.execute(
        select(quarantine.c.body)
        .join(devices, devices.c.device_id == quarantine.c.device_id)
        .where(
            devices.c.officer_id == officer_id,
            quarantine.c.state == QuarantineState.WAITING.value,
            quarantine.c.body.contains(sha256, autoescape=True),
        )
        .order_by(quarantine.c.received_at)
        .limit(20)
    )
    named = [a for body in rows.scalars() for a in decode_body(body).attachments]
    return [(a.type, a.size) for a in named if a.sha256 == sha256]


def count_waiting(conn: Connection, device_id: str | None = None) -> int:
    """How many records wait for a decision, of one device or of all."""
    query = select(func.count()).where(
        quarantine.c.state == QuarantineState.WAITING.value, ~_in_operations(same_body=True)
    )
    if device_id is not None:
        query = query.where(quarantine.c.device_id == device_id)
    return conn.execute(query).scalar_one()


def waits_under(conn: Connection, op_id: str) -> bool:
    """Whether a record of this id waits in quarantine."""
    query = select(quarantine.c.hash).where(
        quarantine.c.op_id == op_id,
        quarantine.c.state == QuarantineState.WAITING.value,
        ~_in_operations(same_body=True),
    )
    return conn.execute(query.limit(1)).first() is not None


def _in_operations(*, same_body: bool) -> ColumnElement[bool]:
    bodies = operations.c.hash == quarantine.c.hash
    return exists().where(
        and_(operations.c.op_id == quarantine.c.op_id, bodies if same_body else ~bodies)
    )


def _query() -> Select[tuple[object, ...]]:
    return select(
        quarantine,
        devices.c.officer_id,
        _in_operations(same_body=True).label("is_stored"),
        _in_operations(same_body=False).label("is_id_taken"),
    ).join(devices, devices.c.device_id == quarantine.c.device_id)


def _to_record(row: Row[tuple[object, ...]]) -> QuarantinedRecord:
    state = QuarantineState(row.state)
    if state is QuarantineState.WAITING and row.is_stored:
        state = QuarantineState.ARRIVED
    return QuarantinedRecord(
        operation=decode_body(row.body),
        body=row.body,
        sig=row.signature,
        hash=row.hash,
        officer_id=row.officer_id,
        cause=Cause(row.cause),
        received_at=row.received_at,
        state=state,
        is_id_taken=bool(row.is_id_taken),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
    )
