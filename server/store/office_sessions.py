"""Reads and writes sessions of the office and steps of signing in, both known by a hash alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.store.account_tables import office_sessions, sign_in_steps


@dataclass(frozen=True, slots=True)
class OfficeSession:
    """A session; `handle` names it on pages, its id is known to the browser alone."""

    session_hash: str
    account_id: str
    handle: str
    means: str
    started_at: datetime
    seen_at: datetime
    until: datetime
    remote: str
    browser: str
    ended_at: datetime | None = None


def add_session(conn: Connection, session: OfficeSession) -> None:
    """Store a fresh one."""
    conn.execute(
        insert(office_sessions).values(
            session_hash=session.session_hash,
            account_id=session.account_id,
            handle=session.handle,
            means=session.means,
            started_at=session.started_at,
            seen_at=session.seen_at,
            until=session.until,
            remote=session.remote,
            browser=session.browser,
        )
    )


def load_session(conn: Connection, session_hash: str) -> OfficeSession | None:
    """The session, or None; whether it still counts the caller says."""
    query = select(office_sessions).where(office_sessions.c.session_hash == session_hash)
    row = conn.execute(query).first()
    return None if row is None else _of(row)


def open_sessions(
    conn: Connection, at: datetime, idle_since: datetime, account_id: str | None = None
) -> list[OfficeSession]:
    """Those that count now, of one account or of all, the last seen first."""
    query = select(office_sessions).where(
        office_sessions.c.ended_at.is_(None),
        office_sessions.c.until > at,
        office_sessions.c.seen_at > idle_since,
    )
    if account_id is not None:
        query = query.where(office_sessions.c.account_id == account_id)
    rows = conn.execute(query.order_by(office_sessions.c.seen_at.desc(), office_sessions.c.handle))
    return [_of(row) for row in rows]


def note_seen(conn: Connection, session_hash: str, at: datetime) -> None:
    """It was used now."""
    conn.execute(
        update(office_sessions)
        .where(office_sessions.c.session_hash == session_hash)
        .values(seen_at=at)
    )


def change_id(conn: Connection, old_hash: str, new_hash: str) -> None:
    """The same session under another id: the old id is good for nothing any more."""
    conn.execute(
        update(office_sessions)
        .where(office_sessions.c.session_hash == old_hash)
        .values(session_hash=new_hash)
    )


def end_sessions(
    conn: Connection,
    account_id: str,
    at: datetime,
    cause: str,
    *,
    handle: str | None = None,
    but: str | None = None,
) -> int:
    """End those of an account: one by its handle, or all but one (by its hash); how many were open."""
    statement = update(office_sessions).where(
        office_sessions.c.account_id == account_id, office_sessions.c.ended_at.is_(None)
    )
    if handle is not None:
        statement = statement.where(office_sessions.c.handle == handle)
    if but is not None:
        statement = statement.where(office_sessions.c.session_hash != but)
    return conn.execute(statement.values(ended_at=at, end_cause=cause)).rowcount


def prune_sessions(conn: Connection, before: datetime) -> None:
    """Forget sessions that began so long ago; the audit log keeps who signed in."""
    conn.execute(delete(office_sessions).where(office_sessions.c.until < before))


def add_step(
    conn: Connection,
    step_hash: str,
    kind: str,
    body: Mapping[str, str],
    *,
    at: datetime,
    lasts: timedelta,
) -> None:
    """Keep what the answer to a step will be compared with; steps that nobody answered go."""
    conn.execute(delete(sign_in_steps).where(sign_in_steps.c.expires_at <= at))
    conn.execute(
        insert(sign_in_steps).values(
            step_hash=step_hash, kind=kind, body=json.dumps(body), expires_at=at + lasts
        )
    )


def load_step(conn: Connection, step_hash: str, kind: str, at: datetime) -> dict[str, str] | None:
    """The step as it is kept, or None."""
    query = select(sign_in_steps.c.body).where(
        sign_in_steps.c.step_hash == step_hash,
        sign_in_steps.c.kind == kind,
        sign_in_steps.c.expires_at > at,
    )
    body = conn.execute(query).scalar()
    return None if body is None else dict(json.loads(body))


def use_step(conn: Connection, step_hash: str, kind: str, at: datetime) -> dict[str, str] | None:
    """The same, used up."""
    body = load_step(conn, step_hash, kind, at)
    gone = delete(sign_in_steps).where(sign_in_steps.c.step_hash == step_hash)
    return body if conn.execute(gone).rowcount == 1 else None


def _of(row: Any) -> OfficeSession:
    return OfficeSession(
        row.session_hash,
        row.account_id,
        row.handle,
        row.means,
        row.started_at,
        row.seen_at,
        row.until,
        row.remote,
        row.browser,
        row.ended_at,
    )
