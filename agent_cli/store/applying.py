"""Makes staged rows visible, search entries and departures included, in the caller's transaction."""

from agent_cli.cipher import sqlite3
from agent_cli.store import search
from fieldsync.sync.digest import Digest, digest_of
from fieldsync.sync.feed import FeedOp, KeyKind, split_key


def live_digest(conn: sqlite3.Connection) -> Digest:
    """Count and sum of every row held, to compare with the server's."""
    rows = conn.execute("SELECT key, version FROM mirror")
    return digest_of((row["key"], row["version"]) for row in rows)


def apply_staged(conn: sqlite3.Connection) -> int:
    """Make the staged rows visible, in the caller's transaction; how many rows left.

    Where two pages of one pull tell of the same key, the later one counts.
    """
    newest = {row["key"]: row for row in conn.execute("SELECT * FROM staged ORDER BY place")}
    gone = [key for key, row in newest.items() if row["op"] == FeedOp.REMOVE]
    for key in gone:
        _remove(conn, key)
    _put(conn, [row for row in newest.values() if row["op"] == FeedOp.PUT])
    conn.execute("DELETE FROM staged")
    return len(gone)


def remove_all_but(conn: sqlite3.Connection, kept: frozenset[str]) -> int:
    """After a full snapshot: whatever it did not name has left this device's scope; how many rows."""
    held = [row["key"] for row in conn.execute("SELECT key FROM mirror")]
    gone = [key for key in held if key not in kept]
    for key in gone:
        _remove(conn, key)
    return len(gone)


def _remove(conn: sqlite3.Connection, key: str) -> None:
    kind, name = split_key(key)
    conn.execute("DELETE FROM mirror WHERE key = ?", (key,))
    if kind == KeyKind.CASE:
        search.forget(conn, name)


def _put(conn: sqlite3.Connection, rows: list[sqlite3.Row]) -> None:
    # Only an exchange comes here: commands that an officer waits for never load sqlite-utils.
    from sqlite_utils import Database

    # A kind that this program does not know is kept and counted, and shown by none.
    Database(conn).table("mirror").upsert_all(
        (
            {
                "key": row["key"],
                "kind": str(split_key(row["key"])[0]),
                "version": row["version"],
                "body": row["body"],
            }
            for row in rows
        ),
        pk="key",
    )
    for row in rows:
        kind, name = split_key(row["key"])
        if kind == KeyKind.CASE:
            search.index_case(conn, name, row["body"] or "{}")
