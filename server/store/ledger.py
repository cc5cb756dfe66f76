"""What a write transaction has to answer for at its end: lines of the audit log, and rows it touched.

Every table is watched unless it says `info=UNWATCHED`: a statement of SQLAlchemy Core that inserts,
changes or deletes rows in a write transaction (`server.store.engine.writing`) notes their keys here.
Statements by any other way go unnoticed, and are what `fieldsync-server audit verify` finds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Delete, Engine, Insert, Table, Update, event, select

from server.store.postgresql import broken_off

# The execution option that holds a write's ledger.
LEDGER = "fieldsync_ledger"
_KEY = "audit_key"
# For tables that hold nothing to keep: replay windows, and copies made from other rows.
UNWATCHED: dict[Any, Any] = {_KEY: ()}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit log that has no place in the tree yet."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(slots=True)
class Ledger:
    """Lines and touched rows of one transaction; `expected` is how many rows a statement may touch."""

    lines: list[Line] = field(default_factory=list)
    touched: dict[Table, dict[tuple[Any, ...], None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    expected: int = 0


def ledger_of(conn: Connection) -> Ledger | None:
    """The ledger of this write; None where nobody keeps one (a reader, a migration)."""
    found: Ledger | None = conn.get_execution_options().get(LEDGER)
    return found


def known_by(name: str) -> dict[Any, Any]:
    """The `info` of a table whose rows the audit log knows by this unique column, not by their key."""
    return {_KEY: (name,)}


def key_names(table: Table) -> tuple[str, ...]:
    """The columns by which the audit log knows a row; none where the table is not watched."""
    names: tuple[str, ...] = table.info.get(_KEY) or ()
    if _KEY in table.info:
        return names
    return tuple(column.name for column in table.primary_key.columns)


def touch(conn: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note rows that came in by another way than SQLAlchemy's own inserts."""
    ledger, names = ledger_of(conn), key_names(table)
    if ledger is not None and names:
        ledger.touched[table].update((tuple(row[name] for name in names), None) for row in rows)


def watch(engine: Engine) -> None:
    """Note from now on what the writes of this engine touch."""
    event.listen(engine, "before_execute", _before)
    event.listen(engine, "after_execute", _after)


def _before(
    conn: Connection,
    statement: object,
    several: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    _options: object,
) -> None:
    """Look up which rows the statement will change or delete."""
    if not isinstance(statement, Update | Delete):
        return
    ledger = ledger_of(conn)
    if ledger is None or not isinstance(statement.table, Table):
        return
    names = key_names(statement.table)
    if not names:
        return
    query = select(*(statement.table.c[name] for name in names))
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    found = [tuple(row) for one in several or [parameters] for row in conn.execute(query, one)]
    ledger.expected = len(found)
    if found:
        ledger.touched[statement.table].update(dict.fromkeys(found))


def _after(
    conn: Connection,
    statement: object,
    _several: object,
    _parameters: object,
    _options: object,
    result: Any,
) -> None:
    """Note what was inserted; a row that came to match meanwhile breaks the transaction off."""
    if isinstance(statement, Insert):
        if isinstance(statement.table, Table):
            touch(conn, statement.table, result.context.compiled_parameters)
    elif isinstance(statement, Update | Delete):
        ledger = ledger_of(conn)
        if ledger is None or not isinstance(statement.table, Table):
            return
        if key_names(statement.table) and result.rowcount > ledger.expected:
            raise broken_off(conn, f"more rows of {statement.table.name} than were looked up")
