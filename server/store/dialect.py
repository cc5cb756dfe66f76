"""What differs between SQLite and PostgreSQL: instants, upserts and what a write locks.

SQLite lets one writer in at a time. PostgreSQL lets many in, each statement seeing what is committed
by then; so a write locks first what it decides on, and reads after.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    Select,
    Table,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.types import TypeDecorator

from server.store.audit_rows import note_written
from server.store.postgresql import copy_rows

# The execution option that marks a connection as a reader's (server.store.engine.reading).
READING = "fieldsync_read"
_WORTH_SPEEDING = 10
_T = TypeVar("_T", bound=tuple[Any, ...])


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: SQLite forgets offsets, so they are settled on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive datetime is a fault of ours."""
        _ = dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime came to the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again, in UTC."""
        _ = dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def upsert(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> None:
    """Insert the rows, or replace every other column where the key is there already."""
    if not rows:
        return
    statement = insert_into(conn, table)
    others = {
        c.name: statement.excluded[c.name]
        for c in table.columns
        if c.name not in keys and c.name in rows[0]
    }
    conn.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=others), list(rows)
    )


def insert_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with the same columns, none of which may be there yet; instants must be aware."""
    if not rows:
        return
    if not _is_postgresql(conn):
        note_written(conn, table, _insert_by_driver(conn, table, rows))
        return
    if len(rows) < _WORTH_SPEEDING:
        conn.execute(table.insert(), list(rows))
    else:
        copy_rows(conn, table, rows)
    note_written(conn, table, rows)


@cache
def _writer_of_instants() -> Callable[[datetime | None], str | None]:
    """How SQLAlchemy writes an instant into SQLite."""
    sqlite = SQLiteDialect()
    write = Instant().dialect_impl(sqlite).bind_processor(sqlite)
    if write is None:
        raise TypeError("SQLite keeps instants as text")
    return write


def _insert_by_driver(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """As SQLAlchemy would, without its care for each value: only instants need any; what was written."""
    columns = list(rows[0])
    instants = [name for name in columns if isinstance(table.columns[name].type, Instant)]
    write = _writer_of_instants()
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    written = [{**row, **{name: write(row[name]) for name in instants}} for row in rows]
    values = [tuple(row.values()) for row in written]
    # Names of our own tables and columns; every value is bound.
    conn.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)  # noqa: S608
    return written


def insert_into(conn: Connection, table: Table) -> PostgresqlInsert | SqliteInsert:
    """An insert that may say what to do where the key is there already."""
    return PostgresqlInsert(table) if _is_postgresql(conn) else SqliteInsert(table)


def locked(
    conn: Connection, query: Select[_T], table: Table, *, skip_locked: bool = False
) -> Select[_T]:
    """The query, its rows of `table` locked until this transaction ends; a reader locks nothing.

    References to the rows may still be added by others. `skip_locked` leaves out what another
    transaction holds.
    """
    return query if is_reading(conn) else lock(query, table, skip_locked=skip_locked)


def lock(query: Select[_T], table: Table, *, skip_locked: bool = False) -> Select[_T]:
    """The query as a write asks it, whoever runs it."""
    return query.with_for_update(of=table, key_share=True, skip_locked=skip_locked)


def is_reading(conn: Connection) -> bool:
    """Whether this is a reader's connection, which locks nothing."""
    return bool(conn.get_execution_options().get(READING, False))


def size_of(conn: Connection, text: ColumnElement[str]) -> ColumnElement[int]:
    """How many bytes a text takes in UTF-8."""
    if _is_postgresql(conn):
        return func.octet_length(text)
    return func.length(cast(text, LargeBinary))


def one_at_a_time(conn: Connection, what: str) -> None:
    """Wait for every other transaction that said the same, until this one ends."""
    if _is_postgresql(conn):
        key = zlib.crc32(f"fieldsync:{what}".encode())
        conn.execute(select(func.pg_advisory_xact_lock(key)))


def writers_overlap(engine: Engine) -> bool:
    """Whether two writes may be under way at once, neither seeing the other."""
    return engine.dialect.name == "postgresql"


def _is_postgresql(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"
