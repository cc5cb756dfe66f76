"""One holder at a time across processes, by a lock that the system takes back when its holder dies.

SQLite's own file lock serves: it is there on every system, needs no process number, and so knows no
stale holder after a crash.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fieldsync.terminal.database_errors import explain

# Background sync holds the first for its life, whoever exchanges the second for that exchange.
WATCH_LOCK = "watch.lock"
EXCHANGE_LOCK = "exchange.lock"
# A wait is cut into pieces, so that Ctrl-C is heard in between.
_SLICE_S = 0.2


@contextmanager
def holding(path: Path, wait_s: float) -> Iterator[bool]:
    """Whether the lock is ours while the block runs, after waiting at most that long for another holder."""
    left = wait_s
    while True:
        with closing(_open(path, min(_SLICE_S, left))) as conn:
            if _taken(conn):
                yield True
                return
        left -= _SLICE_S
        if left <= 0:
            yield False
            return


def is_held(path: Path) -> bool:
    """Whether anybody holds it at this moment."""
    if not path.is_file():
        return False
    with holding(path, 0) as ours:
        return not ours


def _open(path: Path, wait_s: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=wait_s, isolation_level=None)
    except sqlite3.Error as error:
        raise explain(error) from error


def _taken(conn: sqlite3.Connection) -> bool:
    """Nothing is ever written: an open write transaction is the lock, and ends with its connection."""
    try:
        conn.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return False
        raise explain(error) from error
    return True
