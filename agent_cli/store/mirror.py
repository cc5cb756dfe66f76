"""The server's rows as they came, to read; `staging` and `applying` bring them in."""

from agent_cli.cipher import sqlite3
from fieldsync.sync.feed import KeyKind, split_key


def body(conn: sqlite3.Connection, key: str) -> str | None:
    """The JSON of one row, or None."""
    row = conn.execute("SELECT body FROM mirror WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["body"])


def bodies(conn: sqlite3.Connection, kind: KeyKind) -> tuple[str, ...]:
    """The JSON of every row of a kind, by key."""
    rows = conn.execute("SELECT body FROM mirror WHERE kind = ? ORDER BY key", (kind.value,))
    return tuple(row["body"] for row in rows)


def names(conn: sqlite3.Connection, kind: KeyKind) -> tuple[str, ...]:
    """The names (keys without their kind) of every row of a kind."""
    rows = conn.execute("SELECT key FROM mirror WHERE kind = ? ORDER BY key", (kind.value,))
    return tuple(split_key(row["key"])[1] for row in rows)
