"""Small facts of this device, by name: who it belongs to, how far it has read, what time a server told."""

from collections.abc import Mapping

from agent_cli.cipher import sqlite3


def read_all(conn: sqlite3.Connection) -> dict[str, str]:
    """Every fact."""
    return {row["name"]: row["value"] for row in conn.execute("SELECT name, value FROM meta")}


def read(conn: sqlite3.Connection, name: str) -> str | None:
    """One fact, or None."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def write(conn: sqlite3.Connection, facts: Mapping[str, str]) -> None:
    """Store facts over what was there, in the caller's transaction."""
    conn.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        list(facts.items()),
    )


def remove(conn: sqlite3.Connection, name: str) -> None:
    """Forget one fact, in the caller's transaction."""
    conn.execute("DELETE FROM meta WHERE name = ?", (name,))
