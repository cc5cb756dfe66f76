"""Sessions of the office: begun at a sign-in, known by a hash, short when idle, never longer than a day's work."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from server.context import ServerContext
from server.security.account_secrets import digest, fresh_token
from server.security.permissions import Grant, Role, with_glass
from server.store.accounts import Account, account_with_id
from server.store.approvals import glass_since
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_sessions import (
    OfficeSession,
    add_session,
    change_id,
    end_sessions,
    load_session,
    note_seen,
    open_sessions,
    prune_sessions,
)
from server.store.retrying import retried

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=10)
# What could keep a thief in (a new passkey, new recovery codes) asks for a sign-in of just now.
FRESH = timedelta(minutes=10)
_KEPT = timedelta(days=90)
_SEEN_EVERY = timedelta(seconds=30)
_MOST_BROWSER = 120


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where somebody comes from: address, what their browser calls itself, and its mark if it has one."""

    remote: str
    browser: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking, by which session, and what they may do by now."""

    account: Account
    session: OfficeSession
    grants: tuple[Grant, ...]

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.account.account_id

    @property
    def signs_as(self) -> str:
        """How decisions are signed: the name that people know, and the one that is unique."""
        return f"{self.account.name} ({self.account.login})"

    def is_fresh(self, now: datetime) -> bool:
        """Whether the sign-in was just now."""
        return now - self.session.started_at < FRESH


def begin(
    ctx: ServerContext, conn: Connection, account_id: str, means: str, visitor: Visitor
) -> str:
    """A session for somebody who has just proved who they are; its id, always a new one."""
    token, now = fresh_token(ctx.randomness), ctx.clock.now()
    prune_sessions(conn, now - _KEPT)
    add_session(
        conn,
        OfficeSession(
            session_hash=digest(token),
            account_id=account_id,
            handle=ctx.new_id(),
            means=means,
            started_at=now,
            seen_at=now,
            until=now + LONGEST,
            remote=visitor.remote,
            browser=visitor.browser[:_MOST_BROWSER],
        ),
    )
    detail = {"means": means}
    record(
        conn,
        at=now,
        actor=visitor.remote,
        action="office.signed_in",
        subject=account_id,
        detail=detail,
    )
    return token


def signed_in(ctx: ServerContext, token: str) -> SignedIn | None:
    """Who the browser with this session is; None where the session is over, unknown or its account is."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        session = load_session(conn, digest(token))
        if session is None or not is_open(session, now):
            return None
        account = account_with_id(conn, session.account_id)
        if account is None or not account.is_active:
            return None
        grants = grants_of(conn, account, now)
    if now - session.seen_at >= _SEEN_EVERY:
        _note_seen(ctx, session.session_hash)
        session = replace(session, seen_at=now)
    return SignedIn(account, session, grants)


def is_open(session: OfficeSession, now: datetime) -> bool:
    """Whether it still counts."""
    return session.ended_at is None and now < session.until and now - session.seen_at < IDLE


def grants_of(conn: Connection, account: Account, now: datetime) -> tuple[Grant, ...]:
    """The roles of somebody by now, with those that broken glass lends."""
    own = [Grant(Role(role), branch) for role, branch in account.roles]
    lent = [one.branch for one in glass_since(conn, now) if one.account_id == account.account_id]
    return with_glass(own, lent)


@retried
def rotate(ctx: ServerContext, who: SignedIn) -> str:
    """Another id for the same session, after what it may do has changed; the old one is worth nothing."""
    token = fresh_token(ctx.randomness)
    with writing(ctx.engine) as conn:
        change_id(conn, who.session.session_hash, digest(token))
    return token


@retried
def end(ctx: ServerContext, who: SignedIn, handle: str) -> bool:
    """End one of their own sessions; False where it is none of theirs, or over already."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        ended = end_sessions(conn, who.account_id, now, "ended", handle=handle)
        if ended:
            record(conn, at=now, actor=who.signs_as, action="office.session_ended", subject=handle)
    return bool(ended)


def sessions_of(ctx: ServerContext, account_id: str | None = None) -> list[OfficeSession]:
    """The open sessions of somebody, or of everybody."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        return open_sessions(conn, now, now - IDLE, account_id)


@retried
def _note_seen(ctx: ServerContext, session_hash: str) -> None:
    with writing(ctx.engine) as conn:
        note_seen(conn, session_hash, ctx.clock.now())
