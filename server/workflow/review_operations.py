"""A person decides what the machine could not: accepting applies the record, refusing keeps it."""

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.locale import both
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.operations import StoredOperation, find_operations, load_operation
from server.workflow.settle_operations import Settlement


def list_operations(ctx: ServerContext, state: OutcomeKind | None) -> list[StoredOperation]:
    """Operations in a state, or all of them, in the order they arrived."""
    with reading(ctx.engine) as conn:
        return find_operations(conn, [state] if state else [])


def get_operation(ctx: ServerContext, op_id: str) -> StoredOperation:
    """One operation; NotFoundError 404.42 if there is none with this id."""
    with reading(ctx.engine) as conn:
        return _found(load_operation(conn, op_id), op_id)


def decide(
    ctx: ServerContext, op_id: str, *, accept: bool, reason: str, by: str
) -> StoredOperation:
    """Accept or refuse an operation that is in review or held, release what waited, tell the devices.

    ConflictError 409.46 where it is decided already, 409.47 where accepting it would contradict what
    was accepted before; InputError 400.45 without a reason.
    """
    if not reason.strip():
        raise InputError("400.45", words("A decision needs a reason."), words("Add --reason TEXT."))
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _found(load_operation(conn, op_id), op_id)
        if not stored.is_open:
            raise ConflictError(
                "409.46",
                words("Operation {op_id} is decided already.", op_id=op_id),
                words("`fieldsync-server review show {op_id}` tells how.", op_id=op_id),
            )
        settlement = Settlement(now, builtin_rulesets())
        wanted = _answer(accept=accept, reason=reason.strip())
        if settlement.decide(conn, stored, wanted, by).kind is not wanted.kind:
            raise ConflictError(
                "409.47",
                words("It contradicts a record that was accepted before."),
                words("Nothing was changed. Compare both, and refuse the one that is wrong."),
            )
        settlement.release_held(conn)
        action = f"review.{wanted.kind}"
        record(conn, at=now, actor=by, action=action, subject=op_id)
        publish(conn, settlement.changes(conn), now)
        return _found(load_operation(conn, op_id), op_id)


def _answer(*, accept: bool, reason: str) -> Outcome:
    if accept:
        told = words("Accepted by the office: {reason}", reason=reason)
        return Outcome(OutcomeKind.ACCEPTED, Reason("accepted_by_office", both(told)))
    told = words("Refused by the office: {reason}", reason=reason)
    return Outcome(OutcomeKind.REJECTED, Reason("refused_by_office", both(told)))


def _found(stored: StoredOperation | None, op_id: str) -> StoredOperation:
    if stored is None:
        raise NotFoundError(
            "404.42",
            words("There is no operation {op_id}.", op_id=op_id),
            words("`fieldsync-server review list --state all` shows every operation."),
        )
    return stored
