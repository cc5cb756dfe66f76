"""Gives stored operations their outcome, makes accepted ones true, and releases what waited for them.

Runs inside the caller's write transaction and returns what devices must be told, to be published last.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.codec import to_builtins, to_json
from fieldsync.locale import both
from fieldsync.sync.chain import Linked
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import words
from server.context import ServerContext
from server.store.cases import lift_hold, load_case
from server.store.dialect import writers_overlap
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from server.store.operations import (
    StoredOperation,
    add_operation,
    held_operations,
    missing_files,
    set_outcome,
)
from server.store.retrying import retried
from server.store.tables import agent_feed
from server.workflow.apply_operation import ClashError, apply
from server.workflow.judge_operation import judge
from server.workflow.share_cases import share_cases
from server.workflow.stop_collection import stop_collection

SYSTEM = "server"


@dataclass(slots=True)
class Settlement:
    """What one transaction settled: operations whose outcome is new, and cases that changed."""

    at: datetime
    rulesets: tuple[Ruleset, ...]
    operations: list[StoredOperation] = field(default_factory=list)
    cases: set[str] = field(default_factory=set)

    def take(self, conn: Connection, linked: Linked, officer_id: str) -> None:
        """Store a fresh operation with its outcome, and apply it where it is accepted.

        Whatever stops collection does so now, unless the record is rejected out of hand.
        """
        operation = linked.operation
        outcome = judge(conn, operation, officer_id, self.at, self.rulesets)
        if outcome.kind is not OutcomeKind.REJECTED:
            self.cases |= stop_collection(conn, operation)
        outcome = self._apply(
            conn, StoredOperation(operation, linked.body, linked.hash, officer_id, self.at, outcome)
        )
        version = server_version(conn, operation.case_id, operation.kind, outcome)
        add_operation(conn, linked, self.at, outcome, version)
        self.operations.append(
            StoredOperation(operation, linked.body, linked.hash, officer_id, self.at, outcome)
        )

    def decide(
        self, conn: Connection, stored: StoredOperation, outcome: Outcome, by: str
    ) -> Outcome:
        """Give a stored operation another outcome; the one that it really got comes back.

        The hold that a rejected one brought ends with it.
        """
        outcome = self._apply(conn, replace(stored, outcome=outcome))
        operation = stored.operation
        if outcome.kind is OutcomeKind.REJECTED:
            self._let_go(conn, operation.op_id, outcome, by)
        version = server_version(conn, operation.case_id, operation.kind, outcome)
        set_outcome(conn, operation.op_id, outcome, at=self.at, by=by, server_version=version)
        self.operations.append(replace(stored, outcome=outcome))
        return outcome

    def release_held(self, conn: Connection) -> None:
        """Ask again for everything that waits, until nothing more moves."""
        moved = True
        while moved:
            moved = False
            for stored in held_operations(conn):
                outcome = judge(
                    conn, stored.operation, stored.officer_id, stored.received_at, self.rulesets
                )
                if outcome.kind is not OutcomeKind.HELD:
                    self.decide(conn, stored, outcome, SYSTEM)
                    moved = True

    def changes(self, conn: Connection) -> list[AgentChange]:
        """The feed rows that tell all of it."""
        return [*share_cases(conn, sorted(self.cases)), *_result_rows(conn, self.operations)]

    def _let_go(self, conn: Connection, op_id: str, outcome: Outcome, by: str) -> None:
        why = outcome.reason.message.get("en", "") if outcome.reason else ""
        case_id = lift_hold(conn, op_id, at=self.at, by=by, reason=why)
        if case_id is not None:
            self.cases.add(case_id)

    def _apply(self, conn: Connection, stored: StoredOperation) -> Outcome:
        if stored.outcome.kind is not OutcomeKind.ACCEPTED:
            return stored.outcome
        try:
            self.cases |= apply(conn, stored.operation)
        except ClashError:
            told = both(words("It contradicts a record that was accepted before."))
            return Outcome(OutcomeKind.IN_REVIEW, Reason("clash", told))
        return stored.outcome


@retried
def release_late(ctx: ServerContext) -> None:
    """Ask again, after the commit, for what waits, where writes overlap.

    Two of them may each bring what one record waits for, neither seeing the other's part; whoever
    comes last sees both.
    """
    if not writers_overlap(ctx.engine):
        return
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        settlement = Settlement(now, builtin_rulesets())
        settlement.release_held(conn)
        publish(conn, settlement.changes(conn), now)


def server_version(
    conn: Connection, case_id: str | None, kind: str, outcome: Outcome
) -> str | None:
    """Our side of an agreement that goes to review, frozen as it stood when the question arose."""
    if kind != OperationKind.AGREEMENT_SIGN or outcome.kind is not OutcomeKind.IN_REVIEW:
        return None
    case = load_case(conn, case_id or "")
    return to_json(case) if case else None


def _result_rows(conn: Connection, settled: list[StoredOperation]) -> list[AgentChange]:
    """One `op_result` row an operation, for its officer's devices; told again, its version grows."""
    told = {stored.operation.op_id: stored for stored in settled}
    keys = {op_id: feed_key(KeyKind.OP_RESULT, op_id) for op_id in told}
    query = select(agent_feed.c.key, agent_feed.c.version)
    versions: dict[str, int] = {}
    for op_id, stored in told.items():
        row = conn.execute(
            query.where(agent_feed.c.agent == stored.officer_id, agent_feed.c.key == keys[op_id])
        ).first()
        versions[op_id] = row.version + 1 if row else 1
    return [
        AgentChange(
            stored.officer_id,
            FeedRow(keys[op_id], FeedOp.PUT, versions[op_id], result_body(conn, stored)),
        )
        for op_id, stored in told.items()
    ]


def result_body(conn: Connection, stored: StoredOperation) -> dict[str, object]:
    """What an `op_result` row says."""
    operation = stored.operation
    return {
        "op_id": operation.op_id,
        "device_id": operation.device_id,
        "seq": operation.seq,
        "outcome": to_builtins(stored.outcome),
        "needs": list(missing_files(conn, [a.sha256 for a in operation.attachments])),
    }
