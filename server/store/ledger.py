"""What a write transaction has to answer for at its end: lines of the audit log, and rows it touched.

Every table is watched unless it says `info=UNWATCHED`: a statement of SQLAlchemy Core that inserts,
changes or deletes rows in a write transaction (`server.store.engine.writing`) notes their keys here.
Statements by any other way go unnoticed, and are what `fieldsync-server audit verify` finds.
"""

import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Insert,
    Table,
    Update,
    event,
    select,
)

from server.store.postgresql import broken_off

# The execution option that holds a write's ledger.
LEDGER = "fieldsync_ledger"
_KEY = "fieldsync_key"
_ASIDE = "fieldsync_aside"
# For tables that hold nothing to keep: replay windows, and copies made from other rows.
UNWATCHED: dict[Any, Any] = {_KEY: ()}
# The execution option of an update that sets nothing but columns which the log does not answer for.
RENEWING: dict[str, Any] = {_ASIDE: True}


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
    """Lines and touched rows of one transaction: by key, with a digest where it is known already.

    `expected` is how many rows the statement under way may touch, None where its key says it.
    """

    lines: list[Line] = field(default_factory=list)
    touched: dict[Table, dict[tuple[Any, ...], str | None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    expected: int | None = None


def ledger_of(conn: Connection) -> Ledger | None:
    """The ledger of this write; None where nobody keeps one (a reader, a migration)."""
    found: Ledger | None = conn.get_execution_options().get(LEDGER)
    return found


def left_out(table: Table) -> tuple[str, ...]:
    """The columns that the audit log does not answer for."""
    names: tuple[str, ...] = table.info.get(_ASIDE, ())
    return names


def without(*names: str) -> dict[Any, Any]:
    """The `info` of a table with columns that requests renew all the time (`RENEWING`)."""
    return {_ASIDE: names}


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
    """Note which rows the statement will change or delete."""
    if not isinstance(statement, Update | Delete):
        return
    ledger = ledger_of(conn)
    if ledger is None or not _is_watched(statement):
        return
    ledger.expected = None
    for one in several or [parameters]:
        key = _key_named(statement, one)
        if key is None:
            found = dict.fromkeys(_keys_found(conn, statement, one))
            ledger.expected = (ledger.expected or 0) + len(found)
        else:
            found = {key: None}
        if found:
            ledger.touched[cast("Table", statement.table)].update(found)


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
        if ledger is None or ledger.expected is None or not _is_watched(statement):
            return
        if result.rowcount > ledger.expected:
            raise broken_off(conn, "more rows than were looked up")


def _is_watched(statement: Update | Delete) -> bool:
    """Whether the statement touches columns that the log answers for."""
    table = statement.table
    if not isinstance(table, Table) or not key_names(table):
        return False
    return _ASIDE not in statement.get_execution_options()


def _key_named(statement: Update | Delete, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The key of the one row that the statement can touch; None where it does not say `key = value`."""
    values: dict[str, Any] = {}
    for part in _conditions(statement.whereclause):
        if not isinstance(part, BinaryExpression) or part.operator is not operator.eq:
            continue
        column, bound = part.left, part.right
        if isinstance(column, Column) and isinstance(bound, BindParameter):
            values[column.name] = parameters.get(bound.key, bound.effective_value)
    names = key_names(cast("Table", statement.table))
    return tuple(values[name] for name in names) if values.keys() >= set(names) else None


def _conditions(clause: ColumnElement[bool] | None) -> Iterable[ClauseElement]:
    """What must all hold."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operator.and_:
        return clause.clauses
    return () if clause is None else (clause,)


def _keys_found(
    conn: Connection, statement: Update | Delete, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The keys of the rows that the statement's condition holds for."""
    table = cast("Table", statement.table)
    query = select(*(table.c[name] for name in key_names(table)))
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    return [tuple(row) for row in conn.execute(query, parameters)]
