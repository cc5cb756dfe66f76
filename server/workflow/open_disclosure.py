"""Opens what only the hardship team may read; that somebody did is written down before it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nacl.public import PrivateKey

from fieldsync.adapters.hardship_seal import open_bytes, open_note, open_part, unlock
from fieldsync.domain.disclosure import CopiedPaper, SensitivePart
from fieldsync.domain.hardship_decision import HardshipReview, TeamNote
from fieldsync.errors import InputError, UnauthorisedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import words
from server.context import ServerContext
from server.security.hardship_keys import locked_keys
from server.store.audit import record
from server.store.engine import writing
from server.store.operations import load_operation
from server.store.retrying import retried
from server.workflow.hardship_reviews import disclosure_of, review_named


@dataclass(frozen=True, slots=True)
class Opened:
    """What the team reads: the private part, why it decided so, and a record that was not accepted.

    `unread` is the payload of a record in review, whose parts may be in any shape.
    """

    part: SensitivePart | None
    note: TeamNote | None
    unread: Mapping[str, Any] | None


def team_keys(ctx: ServerContext, passphrase: str) -> tuple[PrivateKey, ...]:
    """The keys that this passphrase opens, the one in force and older ones.

    UnauthorisedError 403.80 where it opens none, LocalCopyError 602.80 where no key is here.
    """
    found, refused = [], None
    for locked in locked_keys(ctx.config.keys):
        try:
            found.append(unlock(locked, passphrase))
        except UnauthorisedError as error:
            refused = error
    if not found and refused is not None:
        raise refused
    return tuple(found)


@retried
def open_disclosure(ctx: ServerContext, name: str, keys: Sequence[PrivateKey], by: str) -> Opened:
    """Everything private of one review; InputError 400.49 without the name of who looks.

    Errors as in `review_named` and `hardship_seal.open_part`.
    """
    who = by.strip()
    if not who:
        raise InputError(
            "400.49",
            words("A decision needs the name of who makes it."),
            words("Add --by NAME."),
        )
    with writing(ctx.engine) as conn:
        review = review_named(conn, name)
        kept = disclosure_of(conn, review.disclosure_id)
        stored = None if kept else load_operation(conn, review.hold_id)
        action, subject = "hardship.opened", review.disclosure_id
        record(conn, at=ctx.clock.now(), actor=who, action=action, subject=subject)
    unread = None
    if stored is not None and stored.operation.kind == OperationKind.HARDSHIP_DISCLOSE:
        unread = stored.operation.payload
    told = unread or {}
    sealed = kept.sealed if kept else str(told.get("sealed") or "")
    sealed_for = kept.disclosure_id if kept else str(told.get("disclosure_id"))
    part = open_part(keys, sealed_for, sealed) if sealed else None
    return Opened(part, _note_of(keys, review), unread)


def open_paper(ctx: ServerContext, keys: Sequence[PrivateKey], paper: CopiedPaper) -> bytes | None:
    """The copy of a paper; None where its file has not come yet. InputError 422.521."""
    if not ctx.blobs.has(paper.sha256):
        return None
    return open_bytes(keys, ctx.blobs.get(paper.sha256))


def _note_of(keys: Sequence[PrivateKey], review: HardshipReview) -> TeamNote | None:
    decision = review.decision
    if decision is None or not decision.sealed:
        return None
    return open_note(keys, review.disclosure_id, decision.sealed)
