"""A person decides what the machine could not: accepting applies the record, refusing keeps it."""

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.locale import both
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.operations import (
    StoredOperation,
    find_operations,
    ids_ending_in,
    load_operation,
)
from server.store.retrying import retried
from server.workflow.counter_seal import seal_waiting
from server.workflow.settle_operations import Settlement, release_late
from server.workflow.signed_decision import signed

# Shorter ends would soon name several.
SHORTEST_END = 6


def list_operations(ctx: ServerContext, state: OutcomeKind | None) -> list[StoredOperation]:
    """Operations in a state, or all of them, in the order they arrived."""
    with reading(ctx.engine) as conn:
        return find_operations(conn, [state] if state else [])


def get_operation(ctx: ServerContext, op_id: str) -> StoredOperation:
    """One operation, by its id or the end of it; errors as in `_find`."""
    with reading(ctx.engine) as conn:
        return _find(conn, op_id)


@retried
def decide(
    ctx: ServerContext, op_id: str, *, accept: bool, reason: str, by: str
) -> StoredOperation:
    """Accept or refuse an operation that is in review or held, release what waited, tell the devices.

    `by` is who decides: it is kept with the decision and in the audit log, and the officer reads it.
    ConflictError 409.46 where it is decided already, 409.47 where accepting it would contradict what
    was accepted before; InputError 400.45 without a reason, 400.49 without a name.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _find(conn, op_id)
        op_id = stored.operation.op_id
        if not stored.is_open:
            raise decided_already(op_id)
        settlement = Settlement(now, ctx.rulesets, ctx.config.mandate)
        wanted = _answer(accept=accept, reason=why, who=who)
        if settlement.decide(conn, stored, wanted, who).kind is not wanted.kind:
            raise ConflictError(
                "409.47",
                words("It contradicts a record that was accepted before."),
                words("Nothing was changed. Compare both, and refuse the one that is wrong."),
            )
        settlement.release_held(conn)
        action = f"review.{wanted.kind}"
        # The finding that was decided over: the record itself carries the decision from now on.
        was = {"was": stored.outcome.reason.code} if stored.outcome.reason else {}
        record(conn, at=now, actor=who, action=action, subject=op_id, detail=was)
        publish(conn, settlement.changes(conn), now)
        decided = _find(conn, op_id)
    release_late(ctx)
    seal_waiting(ctx)
    return decided


def decided_already(op_id: str) -> ConflictError:
    """What is said of a second decision."""
    return ConflictError(
        "409.46",
        words("Operation {op_id} is decided already.", op_id=op_id),
        words("`fieldsync-server review show {op_id}` tells how.", op_id=op_id),
    )


def several_end_so(count: int, end: str) -> ConflictError:
    """What is said of an end that names more than one."""
    return ConflictError(
        "409.51",
        words("{count} operations end in {op_id}.", count=count, op_id=end),
        words("Give the whole id: `review list --json` has it."),
    )


def _answer(*, accept: bool, reason: str, who: str) -> Outcome:
    if not accept:
        return refused_by_office(reason, who)
    told = words("Accepted by the office ({who}): {reason}", who=who, reason=reason)
    return Outcome(OutcomeKind.ACCEPTED, Reason("accepted_by_office", both(told)))


def refused_by_office(reason: str, who: str) -> Outcome:
    """The answer that the officer reads, with the name of who gave it."""
    told = words("Refused by the office ({who}): {reason}", who=who, reason=reason)
    return Outcome(OutcomeKind.REJECTED, Reason("refused_by_office", both(told)))


def _find(conn: Connection, op_id: str) -> StoredOperation:
    """The operation whose id this is, or ends so (lists show the last eight characters).

    NotFoundError 404.42 where there is none, ConflictError 409.51 where there are several.
    """
    stored = load_operation(conn, op_id)
    if stored is not None:
        return stored
    ids = ids_ending_in(conn, op_id) if len(op_id) >= SHORTEST_END else []
    if len(ids) > 1:
        raise several_end_so(len(ids), op_id)
    stored = load_operation(conn, ids[0]) if ids else None
    if stored is None:
        raise NotFoundError(
            "404.42",
            words("There is no operation {op_id}.", op_id=op_id),
            words("`fieldsync-server review list --state all` shows every operation."),
        )
    return stored
