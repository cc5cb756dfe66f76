"""The digests by which the audit log knows the rows of the store.

A row's digest is SHA-256 over a JSON object of its columns as the database keeps them, sorted by
name, empty ones left out: a column added later, empty, changes nothing. Instants are written in UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Select,
    Table,
    bindparam,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.types import NullType

from server.store.ledger import key_names, ledger_of, left_out

Key = tuple[Any, ...]
_AT_ONCE = 400
_encode = msgspec.json.Encoder(order="sorted").encode
_NUL = b"\\u0000"


def watched(tables: Iterable[Table]) -> list[Table]:
    """Those of the tables whose rows the audit log knows, by name."""
    return sorted((t for t in tables if key_names(t)), key=lambda table: table.name)


def written(conn: Connection, key: Key) -> Key:
    """The key as the store gives it back and the log writes it: days as text, no NUL on PostgreSQL."""
    told = tuple(part if isinstance(part, int | str) else part.isoformat() for part in key)
    if conn.dialect.name == "postgresql":
        return tuple(p.replace("\0", "\ufffd") if isinstance(p, str) else p for p in told)
    return told


def digests_of(
    conn: Connection, table: Table, keys: Sequence[Key]
) -> Iterator[tuple[Key, str | None]]:
    """The present digest of each of these rows; None for one that is gone."""
    digest, width = _digester(table), len(key_names(table))
    for begin in range(0, len(keys), _AT_ONCE):
        some = keys[begin : begin + _AT_ONCE]
        asked = list(some) if width > 1 else [key[0] for key in some]
        found = {
            written(conn, row[:width]): digest(row[width:])
            for row in conn.execute(_by_key(table), {"keys": asked})
        }
        for key in some:
            told = written(conn, key)
            yield told, found.get(told)


def every_digest(conn: Connection, table: Table) -> Iterator[tuple[Key, str]]:
    """Every row of the table with its present digest, in no particular order."""
    digest, width = _digester(table), len(key_names(table))
    for row in conn.execute(_every(table).execution_options(yield_per=2_000)):
        yield written(conn, row[:width]), digest(row[width:])


def note_written(conn: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note fresh rows with the values that the driver was given: most need not be read again."""
    ledger, keys = ledger_of(conn), key_names(table)
    if ledger is None or not keys:
        return
    touched = ledger.touched[table]
    if not _is_kept_as_given(table):
        touched.update((tuple(row[name] for name in keys), None) for row in rows)
        return
    for row in rows:
        text = _encode({name: _in_utc(v) for name, v in row.items() if v is not None})
        # PostgreSQL keeps another character for NUL: such a row is read again.
        is_same = _NUL not in text or conn.dialect.name != "postgresql"
        touched[tuple([row[name] for name in keys])] = sha256(text).hexdigest() if is_same else None


def _in_utc(value: object) -> object:
    """An instant by the one clock that the log is written by; anything else as it is."""
    if isinstance(value, datetime) and value.tzinfo is not UTC:
        return value.astimezone(UTC)
    return value


@cache
def _is_kept_as_given(table: Table) -> bool:
    """Whether stores give back what they were given: they fill nothing in, and keep it in one form."""
    return not left_out(table) and not any(
        column.server_default is not None or isinstance(column.type, Boolean | Date)
        for column in table.columns
    )


@cache
def _every(table: Table) -> Select[Any]:
    """The keys and then all columns, by name, as the database driver gives them."""
    names = (*key_names(table), *_column_names(table))
    columns: list[Any] = [type_coerce(table.c[name], NullType()).label(None) for name in names]
    return select(*columns)


@cache
def _by_key(table: Table) -> Select[Any]:
    columns = [table.c[name] for name in key_names(table)]
    key = columns[0] if len(columns) == 1 else tuple_(*columns)
    return _every(table).where(key.in_(bindparam("keys", expanding=True)))


@cache
def _column_names(table: Table) -> list[str]:
    return sorted(column.name for column in table.columns if column.name not in left_out(table))


@cache
def _digester(table: Table) -> Callable[[Sequence[Any]], str]:
    """What makes a digest of a row's columns."""
    names = _column_names(table)

    def digest(row: Sequence[Any]) -> str:
        kept = {n: _in_utc(v) for n, v in zip(names, row, strict=True) if v is not None}
        return sha256(_encode(kept)).hexdigest()

    return digest
