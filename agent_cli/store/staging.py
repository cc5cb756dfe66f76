"""Rows of a pull that is not complete yet: kept aside in order, invisible until the last page has come."""

import sqlite3
from collections.abc import Iterable

from fieldsync.domain.codec import to_json
from fieldsync.sync.feed import FeedOp, FeedRow


def stage(conn: sqlite3.Connection, rows: Iterable[FeedRow]) -> None:
    """Keep a page of a pull aside, in order, until the last page has come."""
    conn.executemany(
        "INSERT INTO staged (key, op, version, body) VALUES (?, ?, ?, ?)",
        [
            (row.key, row.op.value, row.version, None if row.body is None else to_json(row.body))
            for row in rows
        ],
    )


def clear_staged(conn: sqlite3.Connection) -> None:
    """Forget a pull that was broken off: it begins again at the cursor that is in force."""
    conn.execute("DELETE FROM staged")


def staged_keys(conn: sqlite3.Connection) -> frozenset[str]:
    """Every key the staged rows put."""
    rows = conn.execute("SELECT key FROM staged WHERE op = ?", (FeedOp.PUT.value,))
    return frozenset(row["key"] for row in rows)
