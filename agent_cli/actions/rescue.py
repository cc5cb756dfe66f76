"""Writes whatever records a damaged database still gives up, exactly as they were signed.

The office can verify and take in each of them on its own: body, hash and signature travel together.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from agent_cli.store.database import DATABASE_NAME
from fieldsync.errors import InputError, LocalCopyError
from fieldsync.sync.operation import chain_hash, decode_body
from fieldsync.words import words

_COLUMNS = ("seq", "op_id", "kind", "case_id", "recorded_at", "state", "body", "hash", "sig")
# How far to look where not even the last number can be read; a device records some 50 a day.
_FURTHEST = 20_000


def rescue(home: Path, path: Path) -> tuple[int, int]:
    """How many records were written, and how many could not be read; the database is only read.

    InputError 600.18 where the file is there already; LocalCopyError 602.12 where nothing is left.
    """
    if path.exists():
        raise InputError(
            "600.18",
            words("{path} is there already.", path=str(path)),
            words("Choose another name; nothing was written."),
        )
    rows, unreadable = _rows(home / DATABASE_NAME)
    if not rows:
        raise LocalCopyError(
            "602.12",
            words("No record can be read from this database any more."),
            words("Keep a copy of the folder: the office has all that was synced."),
        )
    text = json.dumps({"records": rows, "unreadable": unreadable}, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return len(rows), unreadable


def _rows(database: Path) -> tuple[list[dict[str, Any]], int]:
    """One record at a time, so that a damaged page costs only what lies on it."""
    found: list[dict[str, Any]] = []
    unreadable = 0
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        last = _last(conn)
        for seq in range(1, (last or _FURTHEST) + 1):
            try:
                row = conn.execute(
                    f"SELECT {', '.join(_COLUMNS)} FROM journal WHERE seq = ?",  # noqa: S608 - our own names
                    (seq,),
                ).fetchone()
            except sqlite3.Error:
                unreadable += 1
                continue
            if row is not None:
                record = dict(zip(_COLUMNS, row, strict=True))
                found.append({**record, "intact": _is_intact(record)})
    return found, unreadable if last or found else 0


def _last(conn: sqlite3.Connection) -> int | None:
    try:
        row = conn.execute("SELECT max(seq) FROM journal").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else row[0]


def _is_intact(record: dict[str, Any]) -> bool:
    """Whether the content still has the hash that was signed."""
    try:
        prev_hash = decode_body(record["body"]).prev_hash
        return bool(chain_hash(prev_hash, record["body"]) == record["hash"])
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, TypeError):
        return False
