"""Who of those named at a door has proved that they were there, as far as the server can tell.

A start with proofs counts those whose proof verifies. A start without any is of an older program:
its device's signature stands for the sender, and a colleague counts unless the server knows a key
by which they could have proved it.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fieldsync.domain.check_in import CheckInKey, check_in_statement
from fieldsync.sync.operation import Operation
from server.security.operation_signatures import first_wrong
from server.store.officers import PastKey, check_in_keys, past_keys

# How long after a new key has come a partner's device may not have heard of it.
_GRACE = timedelta(days=2)


def proved(conn: Connection, operation: Operation, sender: str) -> tuple[str, ...]:
    """The officers of a start who count as checked in, in its order, as often as it names them."""
    crew: Sequence[str] = operation.payload["officers"]
    proofs = {str(p["officer_id"]): str(p["sig"]) for p in operation.payload.get("proofs") or ()}
    keys = check_in_keys(conn, crew)
    if not proofs:
        return tuple(o for o in crew if o == sender or o not in keys)
    return tuple(o for o in crew if _is_proved(conn, operation, o, keys.get(o), proofs.get(o)))


def _is_proved(
    conn: Connection,
    operation: Operation,
    officer_id: str,
    key: CheckInKey | None,
    sig: str | None,
) -> bool:
    if key is None or sig is None:
        return False
    statement = _statement(operation)
    if _is_signed(key, sig, statement):
        return True
    older = _usable_then(past_keys(conn, officer_id), operation.occurred_at)
    return any(_is_signed(one, sig, statement) for one in older)


def _is_signed(key: CheckInKey, sig: str, statement: bytes) -> bool:
    return first_wrong(key.public_key, [(sig, statement)]) is None


def _statement(operation: Operation) -> bytes:
    payload = operation.payload
    return check_in_statement(
        payload["visit_id"],
        operation.case_id or "",
        payload["address_id"],
        tuple(payload["officers"]),
    )


def _usable_then(told: Sequence[PastKey], at: datetime) -> Iterable[CheckInKey]:
    """The keys that were replaced later, or so shortly before that a device need not know it."""
    for one, following in itertools.pairwise(told):
        if at <= following.came_at + _GRACE:
            yield one.key
