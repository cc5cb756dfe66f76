"""Serves one page of an officer's feed from one snapshot: rows, cursor and digest agree with each other."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from fieldsync.domain.codec import from_json
from fieldsync.errors import ConflictError, InputError
from fieldsync.sync.cursor import Cursor, open_cursor, seal_cursor
from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import PAGE_ROWS
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.feed import state_of
from server.store.meta import epoch_of
from server.store.tables import agent_feed

_FROM_START = words("Fetch everything again with the cursor null; nothing recorded is lost.")


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes and where they end; `digest` is there when nothing is left."""

    changes: tuple[FeedRow, ...]
    cursor: str
    complete: bool
    digest: Digest | None


def check_cursor(ctx: ServerContext, agent: str, text: str | None) -> None:
    """Raise what `serve` would, before anything is stored."""
    with reading(ctx.engine) as conn:
        _open(ctx, conn, agent, text)


def serve(ctx: ServerContext, agent: str, text: str | None) -> Page:
    """The next page after a cursor, from the beginning where it is None.

    InputError 400.41 for a cursor this server never wrote; ConflictError 410.x for one of another
    life of the store (410.1), another officer (410.2), a later time than the store knows (410.3), or from before what
    it remembers of removed rows (410.4).
    """
    with reading(ctx.engine) as conn:
        cursor = _open(ctx, conn, agent, text)
        rows = conn.execute(
            select(agent_feed)
            .where(agent_feed.c.agent == agent, agent_feed.c.fseq > cursor.fseq)
            .order_by(agent_feed.c.fseq)
            .limit(PAGE_ROWS + 1)
        ).all()
        complete = len(rows) <= PAGE_ROWS
        rows = rows[:PAGE_ROWS]
        last = rows[-1].fseq if rows else cursor.fseq
        after = Cursor(cursor.epoch, agent, last)
        changes = tuple(
            FeedRow(r.key, FeedOp(r.op), r.version, from_json(r.body, dict) if r.body else None)
            for r in rows
        )
        return Page(
            changes,
            seal_cursor(after, ctx.keys.cursor),
            complete,
            state_of(conn, agent).digest if complete else None,
        )


def _open(ctx: ServerContext, conn: Connection, agent: str, text: str | None) -> Cursor:
    epoch = epoch_of(conn)
    if text is None:
        return Cursor(epoch, agent, 0)
    cursor = open_cursor(text, ctx.keys.cursor)
    if cursor is None:
        raise InputError("400.41", words("This server did not write that cursor."), _FROM_START)
    if cursor.epoch != epoch:
        raise ConflictError("410.1", words("The server's store was restored."), _FROM_START)
    if cursor.agent != agent:
        raise ConflictError("410.2", words("The cursor is another officer's."), _FROM_START)
    state = state_of(conn, agent)
    if cursor.fseq > state.last:
        raise ConflictError("410.3", words("The cursor is ahead of the server."), _FROM_START)
    if cursor.fseq < state.floor:
        raise ConflictError(
            "410.4", words("The cursor is older than what the server remembers."), _FROM_START
        )
    return cursor
