"""What differs between SQLite and PostgreSQL: instants, upserts and how a write begins."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.types import TypeDecorator


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
    insert = postgresql_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = insert(table)
    others = {
        c.name: statement.excluded[c.name]
        for c in table.columns
        if c.name not in keys and c.name in rows[0]
    }
    conn.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=others), list(rows)
    )
