"""Rows of a pull that is not complete yet: kept aside in order, invisible until the last page has come.

With them stands the place up to which they reach, so that a pull that broke off goes on there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from agent_cli.cipher import sqlite3
from agent_cli.store import meta
from fieldsync.domain.codec import to_json
from fieldsync.sync.feed import FeedOp, FeedRow

_PLACE = "staged"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a pull has come: the cursor to ask from; `whole` where it is a full copy from the start."""

    cursor: str | None
    whole: bool


def place(conn: sqlite3.Connection) -> Place:
    """Where a pull goes on: after the staged pages, or else after what is in force."""
    told = meta.read(conn, _PLACE)
    if told is not None:
        known = json.loads(told)
        return Place(known["cursor"], known["whole"])
    cursor = meta.read(conn, "cursor")
    return Place(cursor, whole=cursor is None)


def move_to(conn: sqlite3.Connection, new: Place) -> None:
    """The staged rows reach up to here, in the transaction that staged them."""
    meta.write(conn, {_PLACE: json.dumps({"cursor": new.cursor, "whole": new.whole})})


def stage(conn: sqlite3.Connection, rows: Iterable[FeedRow]) -> None:
    """Keep a page of a pull aside, in order, until the last page has come."""
    conn.executemany(
        "INSERT INTO staged (key, op, version, body) VALUES (?, ?, ?, ?)",
        [
            (row.key, row.op.value, row.version, None if row.body is None else to_json(row.body))
            for row in rows
        ],
    )


def start_over(conn: sqlite3.Connection) -> None:
    """Everything anew from the feed's beginning; what is in force stays visible until it has come."""
    forget(conn)
    move_to(conn, Place(None, whole=True))


def forget(conn: sqlite3.Connection) -> None:
    """Let go of what was staged: the next pull begins at the cursor that is in force."""
    conn.execute("DELETE FROM staged")
    meta.remove(conn, _PLACE)


def staged_keys(conn: sqlite3.Connection) -> frozenset[str]:
    """Every key the staged rows put."""
    rows = conn.execute("SELECT key FROM staged WHERE op = ?", (FeedOp.PUT.value,))
    return frozenset(row["key"] for row in rows)


def would_show(conn: sqlite3.Connection) -> dict[str, int]:
    """Key and version of every row that would be visible if the staged ones were applied now."""
    shown: dict[str, int] = {}
    if not place(conn).whole:
        shown |= {r["key"]: r["version"] for r in conn.execute("SELECT key, version FROM mirror")}
    for row in conn.execute("SELECT key, op, version FROM staged ORDER BY place"):
        if row["op"] == FeedOp.PUT:
            shown[row["key"]] = row["version"]
        else:
            shown.pop(row["key"], None)
    return shown
