"""Writes the journal as rows for other programs; a file is whole or it is not there."""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from agent_cli.context import DeviceContext
from fieldsync.errors import InputError
from fieldsync.schemas.spreadsheet import guarded
from fieldsync.words import words

FORMATS = ("csv", "json")
_QUERY = """
SELECT seq, op_id, kind, case_id, recorded_at, state,
  json_extract(reason, '$.code') AS reason_code,
  iif(body = '', NULL, json_extract(body, '$.payload')) AS payload
FROM journal ORDER BY seq
"""
_COLUMNS = ("seq", "op_id", "kind", "case_id", "recorded_at", "state", "reason_code", "payload")


def export(ctx: DeviceContext, path: Path, kind: str, *, force: bool) -> int:
    """How many records were written. InputError 600.18 where the file is there already."""
    if path.exists() and not force:
        raise InputError(
            "600.18",
            words("{path} is there already.", path=str(path)),
            words("Choose another name, or add --force to write over it."),
        )
    rows = list(Database(ctx.conn).query(_QUERY))
    aside = path.with_name(f".{path.name}.new")
    try:
        (_write_json if kind == "json" else _write_csv)(aside, rows)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return len(rows)


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """With a byte-order mark, since spreadsheets take a file without one for the local code page."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows([_cell(row[name]) for name in _COLUMNS] for row in rows)
        file.flush()
        os.fsync(file.fileno())


def _write_json(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    records = [
        {**row, "payload": None if row["payload"] is None else json.loads(row["payload"])}
        for row in rows
    ]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump({"records": records}, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
