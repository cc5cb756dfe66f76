"""Lists what waits for somebody in the office, and decides single records; nobody sees another branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, InputError, NotFoundError, UnauthorisedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.words import words
from server.context import ServerContext
from server.security.permissions import Action, branches_where, may
from server.store.cases import load_bank_parts
from server.store.engine import reading
from server.store.office_lists import (
    OfficeDevice,
    OpenHold,
    branches_of_cases,
    branches_of_officers,
    office_devices,
    open_holds,
)
from server.store.operations import StoredOperation, find_operations, load_operation
from server.store.pairs import officer_names
from server.workflow.hardship_reviews import ReviewView, list_reviews
from server.workflow.office_sessions import SignedIn
from server.workflow.review_operations import decide

MOST_SHOWN = 200
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """A record that a person must decide, with the people behind it and its branch."""

    stored: StoredOperation
    branch: str
    borrower: str
    officer: str

    @property
    def operation(self) -> Operation:
        """The record itself."""
        return self.stored.operation

    @property
    def waives(self) -> bool:
        """Whether accepting it gives a part of the debt up."""
        return waives(self.stored.operation)

    @property
    def happened_at(self) -> datetime:
        """When, by the clock of the place."""
        return self.stored.operation.occurred_at


def waiting_records(ctx: ServerContext, who: SignedIn) -> list[WaitingRecord]:
    """Records in review at the branches that they may see, in the order they arrived."""
    with reading(ctx.engine) as conn:
        return _seen_by(conn, who, find_operations(conn, [OutcomeKind.IN_REVIEW]))


def record_named(ctx: ServerContext, who: SignedIn, op_id: str) -> WaitingRecord:
    """The record of exactly this id; NotFoundError 404.92 where there is none, or it is not theirs to see."""
    with reading(ctx.engine) as conn:
        stored = load_operation(conn, op_id)
        seen = _seen_by(conn, who, [stored] if stored else [])
    if not seen:
        raise nothing_there()
    return seen[0]


def waiting_holds(ctx: ServerContext, who: SignedIn) -> list[OpenHold]:
    """Open holds at the branches where they may ask to lift one."""
    branches = branches_where(who.grants, Action.LIFT_ASK)
    with reading(ctx.engine) as conn:
        return open_holds(conn, ctx.clock.now(), branches, MOST_SHOWN)


def devices_seen(ctx: ServerContext, who: SignedIn) -> list[OfficeDevice]:
    """Devices at the branches where they may ask to shut one out."""
    branches = branches_where(who.grants, Action.DEVICE_ASK)
    with reading(ctx.engine) as conn:
        return office_devices(conn, branches)


def waiting_reviews(ctx: ServerContext, who: SignedIn) -> list[ReviewView]:
    """Hardship reviews that wait for the team, by due day; nothing private is in them."""
    if branches_where(who.grants, Action.HARDSHIP_SEE) is not None:
        return []
    return list_reviews(ctx)


def decide_record(
    ctx: ServerContext, who: SignedIn, op_id: str, *, accept: bool, reason: str
) -> StoredOperation:
    """Accept or refuse a record alone; errors as in `record_named` and `decide`.

    UnauthorisedError 403.910 where their role does not decide there; ConflictError 409.92 where
    accepting gives something up, which takes two.
    """
    found = record_named(ctx, who, op_id)
    require(who, Action.REVIEW_DECIDE, found.branch)
    if accept and found.waives:
        raise ConflictError(
            "409.92",
            words("This agreement gives a part of the debt up: that takes two people."),
            words("Ask for it, and somebody else grants it."),
        )
    return decide(ctx, op_id, accept=accept, reason=reason_of(reason), by=who.signs_as)


def waives(operation: Operation) -> bool:
    """Whether accepting the record gives a part of the debt up; what cannot be read counts as that."""
    if operation.kind != OperationKind.AGREEMENT_SIGN:
        return False
    quote = operation.payload.get("quote")
    terms = quote.get("terms") if isinstance(quote, dict) else None
    return not isinstance(terms, dict) or bool(terms.get("waived"))


def require(who: SignedIn, action: Action, branch: str) -> None:
    """UnauthorisedError 403.910 where the table of permissions says no."""
    if not may(who.grants, action, branch):
        raise UnauthorisedError(
            "403.910",
            words("Your role does not do this at this branch."),
            words("The page of your account shows your roles."),
        )


def nothing_there() -> NotFoundError:
    """What is said of a thing that is not there, and of one that is another branch's."""
    return NotFoundError(
        "404.92",
        words("There is no such thing here."),
        words("Perhaps somebody has decided it meanwhile; look at the list again."),
    )


def reason_of(said: str) -> str:
    """The reason, trimmed; InputError 422.904 where there is none or it is very long."""
    reason = said.strip()
    if not 0 < len(reason) <= _MOST_REASON:
        raise InputError(
            "422.904",
            words("Say why, in {most} characters at most.", most=_MOST_REASON),
            words("Others read it: the officer, or whoever grants it."),
        )
    return reason


def _seen_by(
    conn: Connection, who: SignedIn, found: Sequence[StoredOperation]
) -> list[WaitingRecord]:
    case_ids = {one.operation.case_id for one in found if one.operation.case_id}
    of_case, of_officer = branches_of_cases(conn, case_ids), branches_of_officers(conn)
    names = officer_names(conn)
    seen = [
        (one, branch)
        for one in found
        # A case that nobody here knows is of the branch whose officer tells of it.
        if may(
            who.grants,
            Action.CASES_SEE,
            branch := of_case.get(one.operation.case_id or "", of_officer.get(one.officer_id, "")),
        )
    ]
    known = load_bank_parts(conn, sorted(case_ids & of_case.keys()))
    borrowers = {case_id: case.borrower.name for case_id, case in known.items()}
    return [
        WaitingRecord(
            one,
            branch,
            borrowers.get(one.operation.case_id or "", ""),
            names.get(one.officer_id, one.officer_id),
        )
        for one, branch in seen
    ]
