"""Reads and writes by which keys officers prove that they stand at a door."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from fieldsync.domain.check_in import CheckInKey
from fieldsync.domain.codec import from_builtins, from_json, to_json
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import decode_body
from fieldsync.sync.outcome import OutcomeKind
from server.store.tables import devices, officers, operations


@dataclass(frozen=True, slots=True)
class PastKey:
    """A key that an officer once published, and when it came."""

    key: CheckInKey
    came_at: datetime


def set_check_in_key(conn: Connection, key: CheckInKey) -> bool:
    """Keep an officer's present key; False for an unknown officer."""
    kept = conn.execute(
        update(officers).where(officers.c.officer_id == key.officer_id).values(secret=to_json(key))
    )
    return kept.rowcount == 1


def branches_of(conn: Connection, officer_ids: Iterable[str]) -> list[str]:
    """The branches in which these officers work, by name."""
    query = select(officers.c.branch).where(officers.c.officer_id.in_(sorted(set(officer_ids))))
    return sorted(set(conn.execute(query).scalars()))


def people_of(conn: Connection, branch: str) -> list[dict[str, Any]]:
    """The officers of a branch as its roster tells of them, with the keys of those who have one."""
    rows = conn.execute(
        select(officers).where(officers.c.branch == branch).order_by(officers.c.officer_id)
    )
    return [
        {
            "officer_id": row.officer_id,
            "name": row.name,
            "branch": row.branch,
            **({"check_in_key": json.loads(row.secret)} if row.secret else {}),
        }
        for row in rows
    ]


def check_in_keys(conn: Connection, officer_ids: Iterable[str]) -> dict[str, CheckInKey]:
    """The present keys of those of these officers who have one."""
    rows = conn.execute(
        select(officers.c.officer_id, officers.c.secret).where(
            officers.c.officer_id.in_(sorted(set(officer_ids))), officers.c.secret.is_not(None)
        )
    )
    return {row.officer_id: from_json(row.secret, CheckInKey) for row in rows}


def past_keys(conn: Connection, officer_id: str) -> list[PastKey]:
    """Every key that the officer ever published, in the order in which they came."""
    rows = conn.execute(
        select(operations.c.body, operations.c.received_at)
        .join(devices, devices.c.device_id == operations.c.device_id)
        .where(
            devices.c.officer_id == officer_id,
            operations.c.kind == OperationKind.CHECK_IN_KEY.value,
            operations.c.outcome == OutcomeKind.ACCEPTED.value,
        )
        .order_by(operations.c.received_at, operations.c.seq)
    )
    told = [
        PastKey(from_builtins(decode_body(row.body).payload, CheckInKey), row.received_at)
        for row in rows
    ]
    return [one for one in told if one.key.officer_id == officer_id]
