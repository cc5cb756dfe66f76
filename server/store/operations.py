"""Reads and writes stored operations: exact bytes as pushed, and where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select, update

from fieldsync.domain.codec import from_json, to_json
from fieldsync.sync.chain import Linked
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation, decode_body
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from server.store.chunks import chunks
from server.store.dialect import insert_all, is_reading, lock, locked
from server.store.tables import attachments, blobs, devices, operations

_OPEN = frozenset({OutcomeKind.HELD, OutcomeKind.IN_REVIEW})
_ARRIVAL = (operations.c.received_at, operations.c.device_id, operations.c.seq)
_QUERY = select(operations, devices.c.officer_id).join(
    devices, devices.c.device_id == operations.c.device_id
)
_HELD = _QUERY.where(operations.c.outcome == OutcomeKind.HELD.value).order_by(*_ARRIVAL)
_ANY_HELD = (
    select(operations.c.op_id).where(operations.c.outcome == OutcomeKind.HELD.value).limit(1)
)
_HELD_LOCKED = lock(_HELD, operations, skip_locked=True)
_OUTCOMES = select(operations.c.op_id, operations.c.outcome).where(
    operations.c.op_id.in_(bindparam("op_ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """An operation as the server holds it. `server_version` is our side of what a person compares."""

    operation: Operation
    body: str
    hash: str
    officer_id: str
    received_at: datetime
    outcome: Outcome
    decided_at: datetime | None = None
    decided_by: str | None = None
    server_version: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether its outcome can still change."""
        return self.outcome.kind in _OPEN


def hashes_between(conn: Connection, device_id: str, first: int, last: int) -> dict[int, str]:
    """The stored hashes of a device's log, by seq."""
    rows = conn.execute(
        select(operations.c.seq, operations.c.hash).where(
            operations.c.device_id == device_id, operations.c.seq.between(first, last)
        )
    )
    return {row.seq: row.hash for row in rows}


@dataclass(frozen=True, slots=True)
class FreshOperation:
    """An operation to be stored with its first outcome, and our side of what a person will compare."""

    linked: Linked
    received_at: datetime
    outcome: Outcome
    server_version: str | None = None


def add_operations(conn: Connection, fresh: Sequence[FreshOperation]) -> None:
    """Store operations with their first outcomes and the files they name."""
    insert_all(conn, operations, [_columns_of(one) for one in fresh])
    named = [
        {"op_id": one.linked.operation.op_id, "sha256": a.sha256, "size": a.size, "type": a.type}
        for one in fresh
        for a in one.linked.operation.attachments
    ]
    insert_all(conn, attachments, named)


def _columns_of(fresh: FreshOperation) -> dict[str, object]:
    linked, operation = fresh.linked, fresh.linked.operation
    return {
        "device_id": operation.device_id,
        "seq": operation.seq,
        "op_id": operation.op_id,
        "hash": linked.hash,
        "body": linked.body,
        "signature": linked.sig,
        "kind": operation.kind,
        "case_id": operation.case_id,
        "occurred_at": operation.occurred_at,
        "received_at": fresh.received_at,
        "server_version": fresh.server_version,
        **_outcome_columns(fresh.outcome),
    }


def set_outcome(
    conn: Connection,
    op_id: str,
    outcome: Outcome,
    *,
    at: datetime,
    by: str,
    server_version: str | None = None,
) -> None:
    """Say where the operation stands now, and who decided."""
    values = {**_outcome_columns(outcome), "decided_at": at, "decided_by": by}
    if server_version is not None:
        values["server_version"] = server_version
    conn.execute(update(operations).where(operations.c.op_id == op_id).values(**values))


def load_operation(conn: Connection, op_id: str) -> StoredOperation | None:
    """The operation with this id, or None; nobody else decides it while a write looks at it."""
    query = _QUERY.where(operations.c.op_id == op_id)
    row = conn.execute(locked(conn, query, operations)).first()
    return _to_operation(row) if row else None


def ids_ending_in(conn: Connection, end: str) -> list[str]:
    """The ids that end so."""
    query = select(operations.c.op_id).where(operations.c.op_id.endswith(end, autoescape=True))
    return list(conn.execute(query.order_by(operations.c.op_id)).scalars())


def find_operations(
    conn: Connection, kinds: Sequence[OutcomeKind] = (), device_id: str | None = None
) -> list[StoredOperation]:
    """Operations that stand so (any, where none is named), in the order they arrived."""
    query = _QUERY
    if kinds:
        query = query.where(operations.c.outcome.in_([kind.value for kind in kinds]))
    if device_id is not None:
        query = query.where(operations.c.device_id == device_id)
    return [_to_operation(row) for row in conn.execute(query.order_by(*_ARRIVAL))]


def held_operations(conn: Connection) -> list[StoredOperation]:
    """Operations that wait, locked, in the order they arrived; those another write looks at are its own."""
    rows = conn.execute(_HELD if is_reading(conn) else _HELD_LOCKED)
    return [_to_operation(row) for row in rows]


def is_anything_held(conn: Connection) -> bool:
    """Whether any operation waits."""
    return conn.execute(_ANY_HELD).first() is not None


def operations_at(conn: Connection, device_id: str, seqs: Sequence[int]) -> list[StoredOperation]:
    """The operations at these places of a device's log, in order."""
    found = conn.execute(
        _QUERY.where(
            operations.c.device_id == device_id, operations.c.seq.in_(list(seqs))
        ).order_by(operations.c.seq)
    )
    return [_to_operation(row) for row in found]


def notes_of_visit(
    conn: Connection, device_id: str, case_id: str, visit_id: str
) -> tuple[str, ...]:
    """The remarks a device kept during a visit, in order."""
    told = told_of_visit(conn, OperationKind.VISIT_NOTE, device_id, case_id, visit_id)
    return tuple(str(operation.payload.get("text", "")) for operation in told)


def told_of_visit(
    conn: Connection, kind: OperationKind, device_id: str, case_id: str, visit_id: str
) -> list[Operation]:
    """The records of one kind that a device made of a visit, in order, whatever became of them."""
    rows = conn.execute(
        select(operations.c.body)
        .where(
            operations.c.device_id == device_id,
            operations.c.case_id == case_id,
            operations.c.kind == kind.value,
        )
        .order_by(operations.c.seq)
    )
    told = [decode_body(body) for body in rows.scalars()]
    return [operation for operation in told if operation.payload.get("visit_id") == visit_id]


def outcomes_of(conn: Connection, op_ids: Sequence[str]) -> dict[str, OutcomeKind]:
    """Where these operations stand; unknown ones are absent."""
    found: dict[str, OutcomeKind] = {}
    for chunk in chunks(op_ids):
        rows = conn.execute(_OUTCOMES, {"op_ids": chunk})
        found |= {row.op_id: OutcomeKind(row.outcome) for row in rows}
    return found


def missing_files(conn: Connection, sha256s: Sequence[str]) -> tuple[str, ...]:
    """Those of the files that have not come yet, in the order given."""
    here: set[str] = set()
    for chunk in chunks(sha256s):
        rows = conn.execute(select(blobs.c.sha256).where(blobs.c.sha256.in_(chunk)))
        here |= set(rows.scalars())
    return tuple(sha256 for sha256 in sha256s if sha256 not in here)


def broken_seals(conn: Connection, sha256s: Sequence[str]) -> dict[str, str]:
    """Those of the documents whose seals do not hold, each with its faults."""
    found: dict[str, str] = {}
    for chunk in chunks(sha256s):
        rows = conn.execute(
            select(blobs.c.sha256, blobs.c.seal_faults).where(
                blobs.c.sha256.in_(chunk),
                blobs.c.seal_faults.is_not(None),
                blobs.c.seal_faults != "",
            )
        )
        found |= {row.sha256: row.seal_faults for row in rows}
    return found


def _outcome_columns(outcome: Outcome) -> dict[str, str | None]:
    reason = to_json(outcome.reason) if outcome.reason else None
    return {"outcome": outcome.kind.value, "reason": reason}


def _to_operation(row: Row[tuple[object, ...]]) -> StoredOperation:
    reason = from_json(row.reason, Reason) if row.reason else None
    return StoredOperation(
        operation=decode_body(row.body),
        body=row.body,
        hash=row.hash,
        officer_id=row.officer_id,
        received_at=row.received_at,
        outcome=Outcome(OutcomeKind(row.outcome), reason),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        server_version=row.server_version,
    )


def cases_with_visits(conn: Connection, case_ids: Sequence[str], since: datetime) -> set[str]:
    """Those of the cases of which a visit was begun from then on, however its record stands."""
    found: set[str] = set()
    for chunk in chunks(case_ids):
        rows = conn.execute(
            select(operations.c.case_id).where(
                operations.c.case_id.in_(chunk),
                operations.c.kind == OperationKind.VISIT_START.value,
                operations.c.occurred_at >= since,
            )
        )
        found |= {row.case_id for row in rows}
    return found
