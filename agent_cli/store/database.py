"""Opens the local database: every commit durable, every failure a sentence, every write one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agent_cli.cipher import sqlite3
from agent_cli.vault.device_keys import DeviceKeys
from agent_cli.vault.held_keys import needed
from fieldsync.errors import LocalCopyError
from fieldsync.terminal.database_errors import explain
from fieldsync.words import words

DATABASE_NAME = "field.db"
# Stands in PRAGMA user_version; store/migrations.py brings older files up to it.
SCHEMA_VERSION = 5
_BUSY_MS = 5000


def connect(path: Path, factory: type[sqlite3.Connection] | None = None) -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are opened by `writing`).

    WAL with synchronous=FULL: a device that forgot an operation it has sent would use its number
    again. secure_delete: what leaves the device leaves its free pages too. LocalCopyError 602.70
    where the device is encrypted and this process does not have its keys.
    """
    try:
        conn = open_file(path, needed(path.parent), factory)
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error as error:
        raise explain(error) from error
    return conn


def open_file(
    path: Path, keys: DeviceKeys | None, factory: type[sqlite3.Connection] | None = None
) -> sqlite3.Connection:
    """The database as it is, under the first of the keys that opens it; sqlite3.Error where none does.

    Without keys it is what an older program left. Two keys are there only while it is being encrypted
    anew. Temporary tables stay in memory.
    """
    if keys is None:
        return _opened(path, "", factory)
    for key in keys.database[:-1]:
        with suppress(sqlite3.DatabaseError):
            return _opened(path, key.hex(), factory)
    return _opened(path, keys.database[-1].hex(), factory)


def _opened(path: Path, key: str, factory: type[sqlite3.Connection] | None) -> sqlite3.Connection:
    conn = sqlite3.connect(
        path,
        timeout=_BUSY_MS / 1000,
        isolation_level=None,
        factory=factory or sqlite3.Connection,
    )
    conn.row_factory = sqlite3.Row
    if not key:
        return conn
    try:
        conn.execute(f"PRAGMA key = \"x'{key}'\"")
        conn.execute("PRAGMA temp_store = MEMORY")
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        conn.close()
        raise
    return conn


def stored_version(conn: sqlite3.Connection) -> int:
    """The schema version of the file; 0 for an empty one."""
    try:
        return int(conn.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as error:
        raise explain(error) from error


def ensure_schema(conn: sqlite3.Connection) -> None:
    """Bring an older file up to this program; LocalCopyError 602.8 where the file is the newer one."""
    version = stored_version(conn)
    if version > SCHEMA_VERSION:
        raise LocalCopyError(
            "602.8",
            words("The local database was made by a newer fieldsync."),
            words("Nothing was changed. Update this program and try again."),
        )
    if version < SCHEMA_VERSION:
        from agent_cli.store.migrations import migrate

        migrate(conn)


@contextmanager
def writing(conn: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: all of it or nothing, SQLite's failures explained."""
    try:
        conn.execute("BEGIN IMMEDIATE")
        try:
            yield conn
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise explain(error) from error


def empty_wal(conn: sqlite3.Connection) -> None:
    """Move everything into the database and cut its WAL off: what was deleted stands there no more.

    Where another process is reading just now, whoever closes the database last does the same.
    """
    with suppress(sqlite3.Error):
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
