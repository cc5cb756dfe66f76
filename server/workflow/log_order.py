"""Looks up what came before and what after a record in its device's own log, for the rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from fieldsync.conduct.as_of import BY_CLOCK, LogOrder
from fieldsync.domain.case import Case
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.log_places import Beginning, Place, beginnings_of, places_of

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class LogPlaces:
    """Where the judged records stand in their logs, and the records that they are judged against."""

    places: Mapping[str, Place] = field(default_factory=dict)
    beginnings: Sequence[Beginning] = ()

    def order_around(self, operation: Operation, case: Case) -> LogOrder:
        """What its own log says; nothing of a record that was taken in beside it."""
        own = self.places.get(operation.op_id)
        if own is None or own.seq < 1:
            return BY_CLOCK
        holds = [
            (h.hold_id, self.places[h.hold_id]) for h in case.holds if h.hold_id in self.places
        ]
        visits = [(b.at, b.place) for b in self.beginnings if b.case_id == case.case_id]
        return LogOrder(*_before_and_after(own, holds), *_before_and_after(own, visits))


def _before_and_after(
    own: Place, others: Iterable[tuple[Name, Place]]
) -> tuple[frozenset[Name], frozenset[Name]]:
    """Those of the same log, on either side of it."""
    same_log = [(name, o.seq) for name, o in others if o.device_id == own.device_id and o.seq > 0]
    return (
        frozenset(name for name, seq in same_log if seq < own.seq),
        frozenset(name for name, seq in same_log if seq > own.seq),
    )


def look_up(
    conn: Connection,
    asked: Sequence[Operation],
    cases: Mapping[str, Case],
    judged: frozenset[OperationKind],
) -> LogPlaces:
    """The places that judging these operations asks for; none is looked up where none is judged."""
    weighed = [operation for operation in asked if operation.kind in judged and operation.case_id]
    if not weighed:
        return LogPlaces()
    case_ids = sorted({operation.case_id for operation in weighed if operation.case_id})
    holds = {h.hold_id for c in case_ids if c in cases for h in cases[c].holds}
    fresh = {o.op_id: Place(o.device_id, o.seq) for o in asked}
    # Where the store has one, its place is the store's: it may have been taken in beside the log.
    places = fresh | places_of(conn, sorted(holds | {o.op_id for o in weighed}))
    beginnings = [
        Beginning(o.case_id, places[o.op_id], o.occurred_at)
        for o in weighed
        if o.kind == OperationKind.VISIT_START and o.case_id
    ]
    return LogPlaces(places, (*beginnings_of(conn, case_ids), *beginnings))
