"""Gives stored operations their outcome, makes accepted ones true, and releases what waited for them.

Runs inside the caller's write transaction and returns what devices must be told, to be published last.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.agreements.mandate import Mandate
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.codec import to_builtins, to_json
from fieldsync.locale import both
from fieldsync.sync.chain import Linked
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import words
from server.context import ServerContext
from server.store.cases import lift_hold, load_case
from server.store.dialect import writers_overlap
from server.store.engine import reading, writing
from server.store.feed import AgentChange, publish, versions_of
from server.store.operations import (
    FreshOperation,
    StoredOperation,
    add_operations,
    held_operations,
    is_anything_held,
    missing_files,
    set_outcome,
)
from server.store.retrying import retried
from server.workflow.apply_operation import apply
from server.workflow.batch_facts import BatchFacts, gather
from server.workflow.clash import ClashError
from server.workflow.judge_operation import judge
from server.workflow.keep_breaches import keep_breaches
from server.workflow.open_review import open_review_of
from server.workflow.share_cases import share_cases
from server.workflow.stop_collection import stop_collection
from server.workflow.strike_stops import strike_stops
from server.workflow.tell_colleagues import ColleagueNews

SYSTEM = "server"
# Judging these asks for what the log holds already.
_READS_THE_LOG = frozenset({OperationKind.VISIT_STEP, OperationKind.VISIT_FINISH})


@dataclass(slots=True)
class Settlement:
    """What one transaction settled: operations whose outcome devices must be told, and cases that changed.

    `outcomes` holds where each operation that came in stands by now; an operation accepted as it
    came is answered there and needs no row in the feed. `stopped` are cases whose collection stopped.
    """

    at: datetime
    rulesets: tuple[Ruleset, ...]
    mandate: Mandate
    operations: list[StoredOperation] = field(default_factory=list)
    cases: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    news: ColleagueNews = field(default_factory=ColleagueNews)
    _fresh: list[FreshOperation] = field(default_factory=list)

    def take_all(self, conn: Connection, fresh: Sequence[Linked], officer_id: str) -> BatchFacts:
        """Store fresh operations with their outcomes, and apply those that are accepted.

        Whatever stops collection does so before anything is judged, unless the record is rejected out
        of hand; the rules are asked as of each record's own time. What was looked up comes back.
        """
        facts = gather(conn, [linked.operation for linked in fresh], self.mandate)
        for linked in fresh:
            stopped = stop_collection(conn, linked.operation)
            self.stopped |= stopped
            self._note_changes(conn, facts, stopped)
            open_review_of(conn, facts, linked.operation, officer_id, self.at, self.rulesets)
        for linked in fresh:
            self._take(conn, facts, linked, officer_id)
        self._store(conn)
        return facts

    def _take(self, conn: Connection, facts: BatchFacts, linked: Linked, officer_id: str) -> None:
        operation = linked.operation
        if operation.kind in _READS_THE_LOG:
            self._store(conn)
        judged = judge(conn, facts, operation, officer_id, self.at, self.rulesets)
        keep_breaches(conn, operation, judged.breaches, self.rulesets, self.at)
        outcome, applied = _apply(conn, operation, judged.outcome, self.at)
        self._note_changes(conn, facts, applied)
        version = server_version(conn, operation.case_id, operation.kind, outcome)
        self._fresh.append(FreshOperation(linked, self.at, outcome, version))
        facts.outcomes[operation.op_id] = outcome.kind
        self.outcomes[operation.op_id] = outcome
        self.news.arrived(operation, outcome, officer_id)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            self.operations.append(
                StoredOperation(operation, linked.body, linked.hash, officer_id, self.at, outcome)
            )

    def _store(self, conn: Connection) -> None:
        add_operations(conn, self._fresh)
        self._fresh.clear()

    def _note_changes(self, conn: Connection, facts: BatchFacts, case_ids: frozenset[str]) -> None:
        if case_ids:
            self.cases |= case_ids
            facts.reread(conn, case_ids)

    def decide(
        self, conn: Connection, stored: StoredOperation, outcome: Outcome, by: str
    ) -> Outcome:
        """Give a stored operation another outcome; the one that it really got comes back.

        The hold that a rejected one brought ends with it.
        """
        operation = stored.operation
        outcome, changed = _apply(conn, operation, outcome, self.at)
        self.cases |= changed
        if outcome.kind is OutcomeKind.REJECTED:
            self._let_go(conn, operation.op_id, outcome, by)
        version = server_version(conn, operation.case_id, operation.kind, outcome)
        set_outcome(conn, operation.op_id, outcome, at=self.at, by=by, server_version=version)
        self.operations.append(replace(stored, outcome=outcome))
        self.news.decided(operation, outcome)
        self.outcomes[operation.op_id] = outcome
        return outcome

    def release_held(self, conn: Connection) -> None:
        """Ask again for everything that waits, until nothing more moves."""
        waiting = held_operations(conn)
        while waiting:
            facts = gather(conn, [stored.operation for stored in waiting], self.mandate)
            for stored in waiting:
                self._ask_again(conn, facts, stored)
            left = held_operations(conn)
            waiting = left if len(left) < len(waiting) else []

    def _ask_again(self, conn: Connection, facts: BatchFacts, stored: StoredOperation) -> None:
        operation = stored.operation
        judged = judge(conn, facts, operation, stored.officer_id, stored.received_at, self.rulesets)
        if judged.outcome.kind is OutcomeKind.HELD:
            return
        keep_breaches(conn, operation, judged.breaches, self.rulesets, self.at)
        settled = self.decide(conn, stored, judged.outcome, SYSTEM)
        facts.outcomes[operation.op_id] = settled.kind
        if operation.case_id:
            facts.reread(conn, [operation.case_id])

    def changes(self, conn: Connection) -> list[AgentChange]:
        """The feed rows that tell all of it."""
        struck = strike_stops(conn, self.stopped, self.at) if self.stopped else ()
        return [
            *share_cases(conn, sorted(self.cases)),
            *struck,
            *_result_rows(conn, self.operations),
            *self.news.changes(conn, self.at),
        ]

    def _let_go(self, conn: Connection, op_id: str, outcome: Outcome, by: str) -> None:
        why = outcome.reason.message.get("en", "") if outcome.reason else ""
        case_id = lift_hold(conn, op_id, at=self.at, by=by, reason=why)
        if case_id is not None:
            self.cases.add(case_id)


def _apply(
    conn: Connection, operation: Operation, outcome: Outcome, at: datetime
) -> tuple[Outcome, frozenset[str]]:
    """The outcome that the operation really gets once it is applied, and the cases that changed."""
    if outcome.kind is not OutcomeKind.ACCEPTED:
        return outcome, frozenset()
    try:
        return outcome, apply(conn, operation, at)
    except ClashError:
        told = both(words("It contradicts a record that was accepted before."))
        return Outcome(OutcomeKind.IN_REVIEW, Reason("clash", told)), frozenset()


@retried
def release_late(ctx: ServerContext) -> bool:
    """Ask again, after the commit, for what waits, where writes overlap; whether anything moved.

    Two of them may each bring what one record waits for, neither seeing the other's part; whoever
    comes last sees both.
    """
    if not writers_overlap(ctx.engine):
        return False
    with reading(ctx.engine) as conn:
        if not is_anything_held(conn):
            return False
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        settlement = Settlement(now, ctx.rulesets, ctx.config.mandate)
        settlement.release_held(conn)
        publish(conn, settlement.changes(conn), now)
    return bool(settlement.operations)


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
    by_agent: dict[str, list[str]] = defaultdict(list)
    for op_id, stored in told.items():
        by_agent[stored.officer_id].append(feed_key(KeyKind.OP_RESULT, op_id))
    versions = {agent: versions_of(conn, agent, keys) for agent, keys in by_agent.items()}
    changes = []
    for op_id, stored in told.items():
        key = feed_key(KeyKind.OP_RESULT, op_id)
        version = versions[stored.officer_id].get(key, 0) + 1
        row = FeedRow(key, FeedOp.PUT, version, result_body(conn, stored))
        changes.append(AgentChange(stored.officer_id, row))
    return changes


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
