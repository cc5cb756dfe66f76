"""Works out what colleagues are told of each other: visits under way, days in another order, check-in keys."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from fieldsync.domain.codec import to_json
from fieldsync.schemas.payloads import payload_fault
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import Outcome, OutcomeKind
from server.store.dialect import one_at_a_time
from server.store.feed import AgentChange, versions_of
from server.store.officers import branches_of, people_of
from server.store.pairs import colleagues_of
from server.store.tables import agent_feed
from server.workflow.tell_partner import chosen_orders

# Who began a visit longer ago is looked for by the office, not by the partner's device.
_UNDER_WAY = timedelta(hours=24)
_TOLD = frozenset(
    {OperationKind.VISIT_START, OperationKind.VISIT_FINISH, OperationKind.CHECK_IN_KEY}
)
_ORDER = OperationKind.ITINERARY_REPLAN


@dataclass(slots=True)
class ColleagueNews:
    """What one transaction learned that colleagues must know.

    A visit is told of as soon as its record arrives, whatever becomes of the record: somebody
    stands at a door.
    """

    begun: dict[str, tuple[Operation, str]] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    keyed: set[str] = field(default_factory=set)
    orders: list[Operation] = field(default_factory=list)

    def arrived(self, operation: Operation, outcome: Outcome, sender: str) -> None:
        """A record came from `sender`, an officer's id."""
        self._hear_order(operation, outcome)
        if operation.kind not in _TOLD or outcome.kind is OutcomeKind.REJECTED:
            return
        if operation.kind == OperationKind.CHECK_IN_KEY:
            self._hear_key(operation, outcome)
            return
        visit_id = operation.payload["visit_id"]
        if operation.kind == OperationKind.VISIT_START:
            self.begun[visit_id] = (operation, sender)
        else:
            self.begun.pop(visit_id, None)
            self.over.add(visit_id)

    def decided(self, operation: Operation, outcome: Outcome) -> None:
        """A record that had come got another outcome."""
        self._hear_order(operation, outcome)
        if operation.kind == OperationKind.CHECK_IN_KEY:
            self._hear_key(operation, outcome)
        elif _is_unmade(operation, outcome):
            self.over.add(operation.payload["visit_id"])

    def changes(self, conn: Connection, at: datetime) -> list[AgentChange]:
        """The feed rows that tell all of it; nothing is asked where there is no news."""
        return [
            *_beginnings(conn, self.begun.values(), at),
            *_endings(conn, self.over),
            *_rosters(conn, self.keyed),
            *chosen_orders(conn, self.orders),
        ]

    def _hear_order(self, operation: Operation, outcome: Outcome) -> None:
        if operation.kind == _ORDER and outcome.kind is OutcomeKind.ACCEPTED:
            self.orders.append(operation)

    def _hear_key(self, operation: Operation, outcome: Outcome) -> None:
        if outcome.kind is OutcomeKind.ACCEPTED:
            self.keyed.add(operation.payload["officer_id"])


def _is_unmade(operation: Operation, outcome: Outcome) -> bool:
    """Whether a start that can be read was refused after all."""
    kind = OperationKind.VISIT_START
    if operation.kind != kind or outcome.kind is not OutcomeKind.REJECTED:
        return False
    return payload_fault(kind, operation.payload) is None


def _beginnings(
    conn: Connection, begun: Iterable[tuple[Operation, str]], at: datetime
) -> Iterable[AgentChange]:
    for operation, sender in begun:
        if at - operation.occurred_at > _UNDER_WAY:
            continue
        payload = operation.payload
        key = feed_key(KeyKind.VISIT, payload["visit_id"])
        body = {
            "visit_id": payload["visit_id"],
            "case_id": operation.case_id,
            "officers": payload["officers"],
            "started_at": operation.occurred_at.isoformat(),
            "expected_end": payload.get("expected_end"),
        }
        for agent in sorted((set(payload["officers"]) - {sender}) & colleagues_of(conn, sender)):
            version = versions_of(conn, agent, [key]).get(key, 0) + 1
            yield AgentChange(agent, FeedRow(key, FeedOp.PUT, version, body))


def _endings(conn: Connection, over: set[str]) -> Iterable[AgentChange]:
    if not over:
        return
    keys = [feed_key(KeyKind.VISIT, visit_id) for visit_id in sorted(over)]
    rows = conn.execute(
        select(agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version).where(
            agent_feed.c.key.in_(keys), agent_feed.c.op == FeedOp.PUT.value
        )
    )
    for row in rows:
        yield AgentChange(row.agent, FeedRow(row.key, FeedOp.REMOVE, row.version))


def _rosters(conn: Connection, keyed: set[str]) -> Iterable[AgentChange]:
    """The rosters that devices have, with the people as they are now; others get theirs on enrolling."""
    if not keyed:
        return
    one_at_a_time(conn, "reference")
    for branch in branches_of(conn, keyed):
        people = people_of(conn, branch)
        rows = conn.execute(
            select(agent_feed).where(
                agent_feed.c.key == feed_key(KeyKind.ROSTER, branch),
                agent_feed.c.op == FeedOp.PUT.value,
            )
        )
        for row in rows:
            body = {**json.loads(row.body), "officers": people}
            if to_json(body) != row.body:
                told = FeedRow(row.key, FeedOp.PUT, row.version + 1, body)
                yield AgentChange(row.agent, told)
