"""Serves one page of an officer's feed from one snapshot: rows, cursor and digest agree with each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw
from sqlalchemy import Connection, Row, select

from fieldsync.errors import ConflictError, InputError
from fieldsync.sync.cursor import Cursor, open_cursor, seal_cursor
from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.messages import PAGE_ROWS
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.feed import FeedState, state_of
from server.store.meta import epoch_of
from server.store.tables import agent_feed

_FROM_START = words("Fetch everything again with the cursor null; nothing recorded is lost.")


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A `FeedRow` whose body goes out as the JSON text it is stored as; None for a REMOVE."""

    key: str
    op: FeedOp
    version: int
    body: Raw | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes and where they end; `digest` is there when nothing is left."""

    changes: tuple[StoredChange, ...]
    cursor: str
    complete: bool
    digest: Digest | None


def check_cursor(ctx: ServerContext, conn: Connection, agent: str, text: str | None) -> None:
    """Raise what `serve` would, before anything is stored."""
    _open(ctx, conn, agent, text)


def serve(ctx: ServerContext, agent: str, text: str | None) -> Page:
    """The next page after a cursor, from the beginning where it is None.

    InputError 400.41 for a cursor this server never wrote; ConflictError 410.x for one of another
    life of the store (410.1), another officer (410.2), a later time than the store knows (410.3), or
    from before what it remembers of removed rows (410.4).
    """
    with reading(ctx.engine) as conn:
        cursor, state = _open(ctx, conn, agent, text)
        rows = _rows_after(conn, agent, cursor.fseq) if cursor.fseq < state.last else ()
    complete = len(rows) <= PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    after = Cursor(cursor.epoch, agent, rows[-1].fseq if rows else cursor.fseq)
    return Page(
        tuple(_change(row) for row in rows),
        seal_cursor(after, ctx.keys.cursor),
        complete,
        state.digest if complete else None,
    )


def _rows_after(conn: Connection, agent: str, fseq: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """A page of rows and one more, if there is one."""
    columns = (agent_feed.c.fseq, agent_feed.c.key, agent_feed.c.op, agent_feed.c.version)
    query = select(*columns, agent_feed.c.body).where(
        agent_feed.c.agent == agent, agent_feed.c.fseq > fseq
    )
    return conn.execute(query.order_by(agent_feed.c.fseq).limit(PAGE_ROWS + 1)).all()


def _change(row: Row[*tuple[Any, ...]]) -> StoredChange:
    body = Raw(row.body.encode()) if row.body else None
    return StoredChange(row.key, FeedOp(row.op), row.version, body)


def _open(
    ctx: ServerContext, conn: Connection, agent: str, text: str | None
) -> tuple[Cursor, FeedState]:
    epoch, state = epoch_of(conn), state_of(conn, agent)
    if text is None:
        return Cursor(epoch, agent, 0), state
    cursor = open_cursor(text, ctx.keys.cursor)
    if cursor is None:
        raise InputError("400.41", words("This server did not write that cursor."), _FROM_START)
    if cursor.epoch != epoch:
        raise ConflictError("410.1", words("The server's store was restored."), _FROM_START)
    if cursor.agent != agent:
        raise ConflictError("410.2", words("The cursor is another officer's."), _FROM_START)
    if cursor.fseq > state.last:
        raise ConflictError("410.3", words("The cursor is ahead of the server."), _FROM_START)
    if cursor.fseq < state.floor:
        raise ConflictError(
            "410.4", words("The cursor is older than what the server remembers."), _FROM_START
        )
    return cursor, state
