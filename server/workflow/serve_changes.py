"""Serves one page of an officer's feed from one snapshot: rows, cursor and digest agree with each other."""

from dataclasses import dataclass, replace

from msgspec import Raw
from sqlalchemy import Connection, bindparam, select

from fieldsync.errors import ConflictError, InputError
from fieldsync.sync.cursor import Cursor, open_cursor, seal_cursor
from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import KeyKind, split_key
from fieldsync.sync.messages import PAGE_BYTES, PAGE_ROWS
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.feed import FeedState, state_of
from server.store.meta import epoch_of
from server.store.tables import agent_feed

_FROM_START = words("Fetch everything again with the cursor null; nothing recorded is lost.")

_ROWS_A_STATEMENT = 500
_ROWS = (
    select(
        agent_feed.c.fseq,
        agent_feed.c.key,
        agent_feed.c.op,
        agent_feed.c.version,
        agent_feed.c.body,
    )
    .where(agent_feed.c.agent == bindparam("agent"), agent_feed.c.fseq > bindparam("since"))
    .order_by(agent_feed.c.fseq)
    .limit(_ROWS_A_STATEMENT)
)


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A `FeedRow` whose body goes out as the JSON text it is stored as; None for a REMOVE."""

    key: str
    op: str
    version: int
    body: Raw | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes and where they end; `digest` is there when nothing is left."""

    changes: tuple[StoredChange, ...]
    cursor: str
    complete: bool
    digest: Digest | None


def cases_in(page: Page) -> list[str]:
    """The cases whose files the page hands out."""
    keys = (split_key(one.key) for one in page.changes if one.body is not None)
    return [name for kind, name in keys if kind == KeyKind.CASE]


def place_of(
    ctx: ServerContext, conn: Connection, agent: str, text: str | None
) -> tuple[Cursor, FeedState]:
    """How far the device has read, and how its feed stands; raises what `serve` would."""
    return _open(ctx, conn, agent, text)


def page_without_news(ctx: ServerContext, conn: Connection, cursor: Cursor) -> Page | None:
    """The answer where nothing is new after the cursor, which one look-up tells; None where there is."""
    state = state_of(conn, cursor.agent)
    if cursor.fseq != state.last:
        return None
    return Page((), seal_cursor(cursor, ctx.keys.cursor), complete=True, digest=state.digest)


def serve(ctx: ServerContext, agent: str, text: str | None, page_bytes: int | None = None) -> Page:
    """The next page after a cursor, from the beginning where it is None; no larger than `page_bytes`.

    InputError 400.41 for a cursor this server never wrote; ConflictError 410.x for one of another
    life of the store (410.1), another officer (410.2), a later time than the store knows (410.3), or
    from before what it remembers of removed rows (410.4).
    """
    with reading(ctx.engine) as conn:
        cursor, state = _open(ctx, conn, agent, text)
        changes, last = _page(conn, cursor, state.last, page_bytes or PAGE_BYTES)
    complete = last == state.last
    return Page(
        tuple(changes),
        seal_cursor(replace(cursor, fseq=last), ctx.keys.cursor),
        complete,
        state.digest if complete else None,
    )


def _page(conn: Connection, since: Cursor, end: int, limit: int) -> tuple[list[StoredChange], int]:
    """Rows after `since` until a page is full, and how far they reach; `end` where nothing is left."""
    changes: list[StoredChange] = []
    size, last = 0, since.fseq
    while last < end:
        rows = conn.execute(_ROWS, {"agent": since.agent, "since": last}).all()
        for fseq, key, op, version, text in rows:
            body = text.encode() if text else b""
            size += len(body)
            if changes and (size > limit or len(changes) == PAGE_ROWS):
                return changes, last
            changes.append(StoredChange(key, op, version, Raw(body) if body else None))
            last = fseq
        if len(rows) < _ROWS_A_STATEMENT:
            # Positions that a later change of the same row took over hold nothing any more.
            return changes, end
    return changes, last


def _open(
    ctx: ServerContext, conn: Connection, agent: str, text: str | None
) -> tuple[Cursor, FeedState]:
    epoch, state = epoch_of(conn), state_of(conn, agent)
    if text is None:
        return Cursor(epoch, agent, 0, clear_to=state.floor), state
    cursor = open_cursor(text, ctx.keys.cursor)
    if cursor is None:
        raise InputError("400.41", words("This server did not write that cursor."), _FROM_START)
    if cursor.epoch != epoch:
        raise ConflictError("410.1", words("The server's store was restored."), _FROM_START)
    if cursor.agent != agent:
        raise ConflictError("410.2", words("The cursor is another officer's."), _FROM_START)
    if cursor.fseq > state.last:
        raise ConflictError("410.3", words("The cursor is ahead of the server."), _FROM_START)
    if cursor.misses(state.floor):
        raise ConflictError(
            "410.4", words("The cursor is older than what the server remembers."), _FROM_START
        )
    return cursor, state
