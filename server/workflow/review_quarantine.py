"""A person decides on a record in quarantine: taken in it is judged as if it had just come, or it is refused."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.errors import ConflictError
from fieldsync.sync.chain import Linked
from fieldsync.sync.outcome import Outcome, OutcomeKind
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.devices import load_device
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.operations import (
    FreshOperation,
    StoredOperation,
    add_operations,
    ids_ending_in,
    load_operation,
)
from server.store.quarantine import (
    QuarantinedRecord,
    QuarantineState,
    find_quarantined,
    hashes_named,
    load_quarantined,
    place_outside_the_log,
    settle_quarantined,
)
from server.store.retrying import retried
from server.workflow.review_operations import (
    SHORTEST_END,
    decided_already,
    refused_by_office,
    several_end_so,
)
from server.workflow.settle_operations import Settlement, release_late
from server.workflow.signed_decision import signed


def list_quarantined(ctx: ServerContext) -> list[QuarantinedRecord]:
    """The records that wait for a person, in the order they came."""
    with reading(ctx.engine) as conn:
        return find_quarantined(conn, {QuarantineState.WAITING})


def quarantined_named(ctx: ServerContext, name: str) -> QuarantinedRecord | None:
    """The record in quarantine whose hash or operation's id is this, or ends so; None where none is.

    None also where an operation in a log has that name: it comes first, and the record goes by its
    hash. ConflictError 409.51 where there are several.
    """
    with reading(ctx.engine) as conn:
        if load_operation(conn, name) is not None:
            return None
        found = hashes_named(conn, name, ends=False)
        if not found and len(name) >= SHORTEST_END and not ids_ending_in(conn, name):
            found = hashes_named(conn, name, ends=True)
        if len(found) > 1:
            raise several_end_so(len(found), name)
        return load_quarantined(conn, found[0]) if found else None


@retried
def decide_quarantined(
    ctx: ServerContext, record_hash: str, *, accept: bool, reason: str, by: str
) -> Outcome:
    """Take the record in beside its log, or refuse it; where it stands then.

    Taken in, it is judged like an arrival, and may be held or go to review. Refused, it is kept, and
    the hold it brought ends. ConflictError 409.46 where it is decided, 409.71 where another record
    is stored under its id and it can only be refused; InputError as in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        kept = _waiting(conn, record_hash)
        settlement = Settlement(now, ctx.rulesets, ctx.config.mandate)
        if accept:
            outcome = _take_in(conn, settlement, kept)
        else:
            outcome = _refuse(conn, settlement, kept, why, who)
        settlement.release_held(conn)
        outcome = settlement.outcomes.get(kept.operation.op_id, outcome)
        state = QuarantineState.ACCEPTED if accept else QuarantineState.REFUSED
        settle_quarantined(conn, kept.hash, state, at=now, by=who, why=why)
        action = f"quarantine.{state}"
        record(conn, at=now, actor=who, action=action, subject=kept.operation.op_id)
        publish(conn, settlement.changes(conn), now)
    release_late(ctx)
    return outcome


def _waiting(conn: Connection, record_hash: str) -> QuarantinedRecord:
    """The record, and its device's log locked: its place beside the log is drawn under that lock."""
    kept = load_quarantined(conn, record_hash)
    if kept is None or kept.state is not QuarantineState.WAITING:
        raise decided_already(record_hash if kept is None else kept.operation.op_id)
    load_device(conn, kept.operation.device_id, lock=True)
    return kept


def _take_in(conn: Connection, settlement: Settlement, kept: QuarantinedRecord) -> Outcome:
    if kept.is_id_taken:
        raise ConflictError(
            "409.71",
            words("Another record is stored under the id {op_id}.", op_id=kept.operation.op_id),
            words(
                "Nothing was changed. Compare both; refuse this one, and let what it tells be recorded"
                " anew."
            ),
        )
    settlement.take_all(conn, [_beside_the_log(conn, kept)], kept.officer_id)
    op_id = kept.operation.op_id
    outcome = settlement.outcomes[op_id]
    # Nobody waits for an answer to a push: the feed tells how it stands, at its own place.
    settlement.operations = [s for s in settlement.operations if s.operation.op_id != op_id]
    settlement.operations.append(_stored(kept, settlement.at, outcome))
    return outcome


def _refuse(
    conn: Connection, settlement: Settlement, kept: QuarantinedRecord, why: str, who: str
) -> Outcome:
    """Kept with the reason; under its own id also among the operations, so that what waits learns it."""
    outcome = refused_by_office(why, who)
    if not kept.is_id_taken:
        asked = Outcome(OutcomeKind.IN_REVIEW)
        add_operations(conn, [FreshOperation(_beside_the_log(conn, kept), settlement.at, asked)])
        settlement.decide(conn, _stored(kept, settlement.at, asked), outcome, who)
    return outcome


def _beside_the_log(conn: Connection, kept: QuarantinedRecord) -> Linked:
    """The record at the next place outside its log; its exact body keeps the place it was signed for."""
    seq = place_outside_the_log(conn, kept.operation.device_id)
    return replace(kept.linked, operation=replace(kept.operation, seq=seq))


def _stored(kept: QuarantinedRecord, at: datetime, outcome: Outcome) -> StoredOperation:
    return StoredOperation(kept.operation, kept.body, kept.hash, kept.officer_id, at, outcome)
