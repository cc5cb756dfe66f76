"""Fills tables of a SQLite store faster than the product ever must: plain rows, through the driver."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp
from server.store.tables import agent_counters, agent_feed

_CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class FeedBody:
    """One row of a feed, its body written already."""

    key: str
    version: int
    body: str


@contextmanager
def filling(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that does not wait for the disk; what it wrote is on it when the block ends."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA synchronous=OFF")
        conn.execute("BEGIN IMMEDIATE")
        yield conn
        conn.commit()
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill(
    conn: sqlite3.Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows given as values in the order of `columns`; other columns keep their defaults."""
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
    waiting = iter(rows)
    while chunk := list(itertools.islice(waiting, _CHUNK_ROWS)):
        conn.executemany(statement, chunk)


def fill_feeds(
    conn: sqlite3.Connection, feeds: Iterable[tuple[str, Sequence[FeedBody]]], at: datetime
) -> None:
    """Each agent's whole feed, with the counter and the digest that publishing would have left."""
    stamp = stamp_of(at)
    columns = ("agent", "key", "fseq", "op", "version", "body", "at")
    counted = ("agent", "n", "live", "digest")
    for agent, rows in feeds:
        put = FeedOp.PUT.value
        numbered = enumerate(rows, start=1)
        fill(
            conn,
            agent_feed,
            columns,
            ((agent, row.key, n, put, row.version, row.body, stamp) for n, row in numbered),
        )
        digest = digest_of((row.key, row.version) for row in rows)
        counter = (agent, len(rows), digest.count, digest.sum)
        fill(conn, agent_counters, counted, [counter])


def stamp_of(at: datetime) -> str:
    """An instant as SQLAlchemy writes it into SQLite."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
