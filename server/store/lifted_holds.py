"""Reads the holds that a person has ended: when, by whom and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from fieldsync.domain.case import HoldKind
from server.store.tables import holds


@dataclass(frozen=True, slots=True)
class LiftedHold:
    """A stop on collection that is over, and who answers for that."""

    hold_id: str
    kind: HoldKind
    since: datetime
    lifted_at: datetime
    lifted_by: str
    reason: str


def lifted_holds(conn: Connection, case_id: str) -> tuple[LiftedHold, ...]:
    """Those of a case, in the order in which they were lifted."""
    rows = conn.execute(
        select(holds)
        .where(holds.c.case_id == case_id, holds.c.lifted_at.is_not(None))
        .order_by(holds.c.lifted_at, holds.c.hold_id)
    )
    return tuple(
        LiftedHold(
            row.hold_id,
            HoldKind(row.kind),
            row.since,
            row.lifted_at,
            row.lifted_by,
            row.lifted_reason,
        )
        for row in rows
    )
