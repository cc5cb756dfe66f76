"""Reads and writes what one person asks and another grants, and broken glass."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.store.account_tables import approvals, glass_breaks


class ApprovalKind(StrEnum):
    """What two people decide together."""

    WAIVER = "waiver"
    LIFT = "lift"
    DEVICE = "device"


class ApprovalState(StrEnum):
    """Asked; being carried out (taken by exactly one); carried out; could not be; refused; taken back."""

    ASKED = "asked"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked, by whom, and what became of it; `outcome` is the number of the problem, if any."""

    approval_id: str
    kind: ApprovalKind
    subject: str
    case_id: str | None
    branch: str
    reason: str
    state: ApprovalState
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class GlassBreak:
    """Who reached into which branch, why and until when."""

    glass_id: str
    account_id: str
    branch: str
    reason: str
    at: datetime
    until: datetime


def add_approval(conn: Connection, asked: Approval) -> None:
    """Store what was asked."""
    conn.execute(
        insert(approvals).values(
            approval_id=asked.approval_id,
            kind=asked.kind.value,
            subject=asked.subject,
            case_id=asked.case_id,
            branch=asked.branch,
            reason=asked.reason,
            state=asked.state.value,
            asked_by=asked.asked_by,
            asked_at=asked.asked_at,
            expires_at=asked.expires_at,
        )
    )


def load_approval(conn: Connection, approval_id: str) -> Approval | None:
    """The request, or None."""
    query = select(approvals).where(approvals.c.approval_id == approval_id)
    row = conn.execute(query).first()
    return None if row is None else _of(row)


def open_approvals(conn: Connection, at: datetime) -> list[Approval]:
    """Those that wait for the second person, the oldest first."""
    query = select(approvals).where(
        approvals.c.state == ApprovalState.ASKED.value, approvals.c.expires_at > at
    )
    return [_of(row) for row in conn.execute(query.order_by(approvals.c.asked_at))]


def last_approvals(conn: Connection, most: int) -> list[Approval]:
    """The last ones asked, however they stand."""
    query = select(approvals).order_by(approvals.c.asked_at.desc()).limit(most)
    return [_of(row) for row in conn.execute(query)]


def move(
    conn: Connection,
    approval_id: str,
    of: ApprovalState,
    to: ApprovalState,
    *,
    by: str,
    at: datetime,
    outcome: str | None = None,
) -> bool:
    """Move it on from one state to another; False where it does not stand there (any more)."""
    there = [approvals.c.approval_id == approval_id, approvals.c.state == of.value]
    if of is ApprovalState.ASKED:
        there.append(approvals.c.expires_at > at)
    moved = conn.execute(
        update(approvals)
        .where(*there)
        .values(state=to.value, decided_by=by, decided_at=at, outcome=outcome)
    )
    return moved.rowcount == 1


def add_glass(conn: Connection, broken: GlassBreak) -> None:
    """Store that somebody reached into another branch."""
    conn.execute(
        insert(glass_breaks).values(
            glass_id=broken.glass_id,
            account_id=broken.account_id,
            branch=broken.branch,
            reason=broken.reason,
            at=broken.at,
            until=broken.until,
        )
    )


def glass_since(conn: Connection, since: datetime) -> Sequence[GlassBreak]:
    """Broken glass that was not whole again by then, the last first."""
    query = select(glass_breaks).where(glass_breaks.c.until > since)
    return [
        GlassBreak(row.glass_id, row.account_id, row.branch, row.reason, row.at, row.until)
        for row in conn.execute(query.order_by(glass_breaks.c.at.desc()))
    ]


def end_glass(conn: Connection, glass_id: str, account_id: str, at: datetime) -> bool:
    """It is whole again before its time; False where it is not theirs, or was whole already."""
    ended = conn.execute(
        update(glass_breaks)
        .where(
            glass_breaks.c.glass_id == glass_id,
            glass_breaks.c.account_id == account_id,
            glass_breaks.c.until > at,
        )
        .values(until=at)
    )
    return ended.rowcount == 1


def _of(row: Any) -> Approval:
    return Approval(
        approval_id=row.approval_id,
        kind=ApprovalKind(row.kind),
        subject=row.subject,
        case_id=row.case_id,
        branch=row.branch,
        reason=row.reason,
        state=ApprovalState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        outcome=row.outcome,
    )
