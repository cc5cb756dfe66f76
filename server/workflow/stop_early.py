"""Stops collection for records that a device shows ahead of their place in its log.

What a record stops must not wait behind a day of notes on a poor line. The record itself is judged
when it comes in its place, and its hold, named after it, is not set again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.sync.chain import Linked
from server.store.audit import record
from server.store.cases import lock_cases
from server.store.early_operations import keep_early
from server.store.operations import outcomes_of
from server.workflow.stop_collection import stop_collection


def stop_early(conn: Connection, shown: Sequence[Linked], at: datetime) -> frozenset[str]:
    """Set the holds that verified records bring; the ids of the cases that changed.

    Nothing happens for one that is stored already, that stops nothing, or whose case is unknown.
    """
    stored = outcomes_of(conn, [linked.operation.op_id for linked in shown])
    waiting = [linked for linked in shown if linked.operation.op_id not in stored]
    lock_cases(conn, {linked.operation.case_id or "" for linked in waiting})
    changed: frozenset[str] = frozenset()
    for linked in waiting:
        stopped = stop_collection(conn, linked.operation)
        if stopped:
            keep_early(conn, linked, at)
            _tell(conn, linked, at)
        changed |= stopped
    return changed


def _tell(conn: Connection, linked: Linked, at: datetime) -> None:
    operation = linked.operation
    record(
        conn,
        at=at,
        actor=operation.device_id,
        action="collection.stopped_early",
        subject=operation.op_id,
        detail={"seq": operation.seq},
    )
