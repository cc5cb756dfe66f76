"""Writes a rescue file: what the server has not confirmed, or whatever a damaged database still gives up."""

from pathlib import Path
from typing import Any

from agent_cli.actions.rescue_file import COLUMNS, Written, check_free, envelope, write_rescue
from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.store import journal
from agent_cli.store.database import DATABASE_NAME, open_file
from agent_cli.vault.held_keys import needed
from fieldsync.errors import LocalCopyError
from fieldsync.sync.operation import chain_hash
from fieldsync.words import words

# How far to look where not even the last number can be read; a device records some 50 a day.
_FURTHEST = 20_000


def export_rescue(ctx: DeviceContext, path: Path, *, everything: bool, force: bool) -> Written:
    """Write every record that is not confirmed by the server, or all of them, with their files.

    InputError 600.18 where the file is there already.
    """
    check_free(path, force=force)
    records = journal.to_rescue(ctx.conn, COLUMNS, everything=everything)
    return write_rescue(path, ctx.identity.device_id, records, ctx.home)


def rescue_damaged(home: Path, path: Path) -> Written:
    """Write what can still be read; the database is only read.

    InputError 600.18 where the file is there already; LocalCopyError 602.12 where nothing is left.
    """
    check_free(path)
    rows, unreadable = _rows(home / DATABASE_NAME)
    if not rows:
        raise _nothing_left()
    envelopes = (envelope(row["body"]) for row in rows)
    device_id = next((operation.device_id for operation in envelopes if operation), "")
    return write_rescue(path, device_id, rows, home, unreadable)


def _rows(database: Path) -> tuple[list[dict[str, Any]], int]:
    """One record at a time, so that a damaged page costs only what lies on it."""
    found: list[dict[str, Any]] = []
    unreadable = 0
    conn = _to_read(database)
    try:
        last, columns = _last(conn), _columns(conn)
        query = f"SELECT {', '.join(columns)} FROM journal WHERE seq = ?"  # noqa: S608 - our own names
        for seq in range(1, (last or _FURTHEST) + 1):
            try:
                row = conn.execute(query, (seq,)).fetchone()
            except sqlite3.Error:
                unreadable += 1
                # After a page that does not decrypt, SQLCipher reads nothing more on this connection.
                conn.close()
                conn = _to_read(database)
                continue
            if row is not None:
                record = dict(zip(columns, row, strict=True))
                found.append({**record, "intact": _is_intact(record)})
    finally:
        conn.close()
    return found, unreadable if last or found else 0


def _to_read(database: Path) -> sqlite3.Connection:
    """A connection that writes nothing; LocalCopyError 602.12 where not even the first page opens."""
    try:
        conn = open_file(database, needed(database.parent))
        conn.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise _nothing_left() from error
    return conn


def _nothing_left() -> LocalCopyError:
    return LocalCopyError(
        "602.12",
        words("No record can be read from this database any more."),
        words("Keep a copy of the folder: the office has all that was synced."),
    )


def _columns(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Those that a database of an older program has too."""
    try:
        conn.execute("SELECT sealed FROM journal LIMIT 0")
    except sqlite3.Error:
        return tuple(name for name in COLUMNS if name != "sealed")
    return COLUMNS


def _last(conn: sqlite3.Connection) -> int | None:
    try:
        row = conn.execute("SELECT max(seq) FROM journal").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else row[0]


def _is_intact(record: dict[str, Any]) -> bool:
    """Whether the content still has the hash that was signed."""
    operation = envelope(record["body"])
    if operation is None:
        return False
    try:
        return bool(chain_hash(operation.prev_hash, record["body"]) == record["hash"])
    except ValueError:
        return False
