"""Tells where records stand in their devices' logs: the one order that no clock can turn round."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from fieldsync.sync.kinds import OperationKind
from server.store.chunks import chunks
from server.store.tables import early_operations, operations

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PLACES = tuple(
    select(table.c.op_id, table.c.device_id, table.c.seq).where(table.c.op_id.in_(_IDS))
    for table in (early_operations, operations)
)
_STARTS = select(
    operations.c.case_id, operations.c.device_id, operations.c.seq, operations.c.occurred_at
).where(
    operations.c.case_id.in_(_IDS),
    operations.c.kind == OperationKind.VISIT_START.value,
    operations.c.seq > 0,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a device's log; below 1 beside it, where numbers tell no order."""

    device_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """A visit to a case began, told at this place."""

    case_id: str
    place: Place
    at: datetime


def places_of(conn: Connection, op_ids: Sequence[str]) -> dict[str, Place]:
    """Where these operations stand, those shown ahead of their place included; unknown ones are absent."""
    found: dict[str, Place] = {}
    for chunk in chunks(op_ids):
        for query in _PLACES:
            rows = conn.execute(query, {"ids": chunk})
            found |= {row.op_id: Place(row.device_id, row.seq) for row in rows}
    return found


def beginnings_of(conn: Connection, case_ids: Sequence[str]) -> list[Beginning]:
    """The visits to these cases that logs tell of, whatever became of them."""
    found: list[Beginning] = []
    for chunk in chunks(case_ids):
        rows = conn.execute(_STARTS, {"ids": chunk})
        found += [
            Beginning(row.case_id, Place(row.device_id, row.seq), row.occurred_at) for row in rows
        ]
    return found
