"""Whose turn it is to write to a SQLite store: threads of one process in order, processes by asking often.

Left to itself SQLite lets a waiting writer sleep longer and longer, up to a tenth of a second at a
time, while the store stands idle; and with many waiting, one can stay without luck until its time
is over.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

BUSY_MS = 10_000
# One request waits no longer for its turn in the process than for the store itself.
_TURN_S = BUSY_MS / 1000
_ASK_AGAIN_S = 0.0005
_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
_turns_lock = Lock()


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """The turn of this thread among those of its process.

    Whoever waits too long here asks SQLite all the same, which then says that the store is busy.
    """
    with _turns_lock:
        turn = _turns.setdefault(engine, Lock())
    mine = turn.acquire(timeout=_TURN_S)
    try:
        yield
    finally:
        if mine:
            turn.release()


def begin_immediate(conn: Connection) -> None:
    """Begin the write; OperationalError ("database is locked") where another process keeps on writing."""
    raw = cast("sqlite3.Connection", conn.connection.dbapi_connection)
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        if not _begins(raw):
            # Whatever stands in the way is told as SQLAlchemy's own error.
            conn.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _begins(raw: sqlite3.Connection) -> bool:
    """Whether the write began, asking until it does, the time is over, or another error comes."""
    deadline = time.monotonic() + _TURN_S
    while time.monotonic() < deadline:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(_ASK_AGAIN_S)
        else:
            return True
    return False
