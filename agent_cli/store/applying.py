"""Makes staged rows visible, search entries and departures included, in the caller's transaction."""

import sqlite3

from agent_cli.store import search
from agent_cli.store.leaving import forget_case
from fieldsync.domain.codec import from_json
from fieldsync.sync.digest import Digest, digest_of
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, split_key


def live_digest(conn: sqlite3.Connection) -> Digest:
    """Count and sum of every row held, to compare with the server's."""
    return digest_of((r["key"], r["version"]) for r in conn.execute("SELECT * FROM mirror"))


def apply_staged(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Make the staged rows visible, in the caller's transaction; SHA-256 of files now unowned."""
    unowned: list[str] = []
    for row in conn.execute("SELECT * FROM staged ORDER BY place").fetchall():
        change = FeedRow(
            row["key"],
            FeedOp(row["op"]),
            row["version"],
            None if row["body"] is None else from_json(row["body"], dict),
        )
        unowned += _apply(conn, change, row["body"])
    conn.execute("DELETE FROM staged")
    return tuple(unowned)


def remove_all_but(conn: sqlite3.Connection, kept: frozenset[str]) -> tuple[str, ...]:
    """After a full snapshot: whatever it did not name has left this device's scope."""
    unowned: list[str] = []
    for row in conn.execute("SELECT key, version FROM mirror").fetchall():
        if row["key"] not in kept:
            unowned += _apply(conn, FeedRow(row["key"], FeedOp.REMOVE, row["version"]), None)
    return tuple(unowned)


def _apply(conn: sqlite3.Connection, change: FeedRow, text: str | None) -> tuple[str, ...]:
    # A kind that this program does not know is kept and counted, and shown by none.
    kind, name = split_key(change.key)
    if change.op is FeedOp.REMOVE:
        conn.execute("DELETE FROM mirror WHERE key = ?", (change.key,))
        return forget_case(conn, name) if kind == KeyKind.CASE else ()
    conn.execute(
        "INSERT INTO mirror (key, kind, version, body) VALUES (?, ?, ?, ?) ON CONFLICT (key)"
        " DO UPDATE SET version = excluded.version, body = excluded.body",
        (change.key, kind, change.version, text),
    )
    if kind == KeyKind.CASE:
        search.index_case(conn, name, text or "{}")
    return ()
