"""Looks an agreement up by the code on the borrower's copy; whoever tries codes is slowed down."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from fieldsync.domain.agreement import PlanState
from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.store.agreements import agreement_of_code
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.retrying import retried
from server.store.tables import audit

_TRIES = 30
_SPAN = timedelta(minutes=10)
_UNKNOWN = "code.unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """How an agreement stands, and the hashes of its document: as signed, and with the office's seal."""

    state: PlanState
    signed_sha256: str
    sealed_sha256: str | None


def look_up(ctx: ServerContext, code: str, remote: str) -> Found | None:
    """The agreement, or None where none with this code was accepted.

    UnauthorisedError 429.2 after too many unknown codes from one address.
    """
    now = ctx.clock.now()
    tried = select(func.count()).where(
        audit.c.actor == remote, audit.c.action == _UNKNOWN, audit.c.at > now - _SPAN
    )
    with reading(ctx.engine) as conn:
        if (conn.execute(tried).scalar() or 0) >= _TRIES:
            raise UnauthorisedError(
                "429.2",
                words("Too many unknown codes came from this address."),
                words("Wait ten minutes and try again."),
                retry_after_s=int(_SPAN.total_seconds()),
            )
        stored = agreement_of_code(conn, code)
    if stored is None:
        _note(ctx, remote)
        return None
    return Found(stored.state, stored.agreement.document_sha256, stored.office_sha256)


@retried
def _note(ctx: ServerContext, remote: str) -> None:
    """The code itself is not kept: it may be somebody's, one letter off."""
    with writing(ctx.engine) as conn:
        record(conn, at=ctx.clock.now(), actor=remote, action=_UNKNOWN, subject="-")
