"""What no framework can beat: one process that verifies each signature, inserts and commits, and no more."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from nacl.bindings import crypto_sign_open

from bench.sync_load import device_on, notes
from fieldsync.domain import base64url
from fieldsync.sync.operation import chain_hash, genesis_hash, signing_input

_TABLE = "CREATE TABLE IF NOT EXISTS ceiling (hash TEXT PRIMARY KEY, body TEXT, sig {blob})"
_Row = tuple[str, str, bytes]
# Writes rows in one durable transaction.
_Write = Callable[[Sequence[_Row]], None]


def sqlite_ceiling(folder: Path, batch: int, count: int) -> float:
    """Operations a second into SQLite in WAL with synchronous=FULL."""
    with _sqlite(folder / "ceiling.db") as write:
        return _rate(write, batch, count)


def postgres_ceiling(database: str, batch: int, count: int) -> float:
    """Operations a second into PostgreSQL with synchronous commits; `database` is SQLAlchemy's URL."""
    with _postgres(database.replace("postgresql+psycopg", "postgresql")) as write:
        return _rate(write, batch, count)


@contextmanager
def _sqlite(path: Path) -> Iterator[_Write]:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        conn.execute(_TABLE.format(blob="BLOB"))
        conn.execute("DELETE FROM ceiling")

        def write(rows: Sequence[_Row]) -> None:
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO ceiling VALUES (?, ?, ?)", rows)
            conn.execute("COMMIT")

        yield write


@contextmanager
def _postgres(address: str) -> Iterator[_Write]:
    with psycopg.connect(address) as conn:
        conn.execute(_TABLE.format(blob="BYTEA").encode())
        conn.execute("TRUNCATE ceiling")
        conn.commit()

        def write(rows: Sequence[_Row]) -> None:
            with conn.cursor() as cursor:
                cursor.executemany("INSERT INTO ceiling VALUES (%s, %s, %s)", rows)
            conn.commit()

        yield write


def _rate(write: _Write, batch: int, count: int) -> float:
    device = device_on("http://127.0.0.1:9", "ceiling")
    notes(device, "C-0", count)
    key, head = device.operation_key.public_key().public_bytes_raw(), genesis_hash(device.device_id)
    signatures = [base64url.decode(signed.sig) for signed in device.journal]
    begun = time.perf_counter()
    for begin in range(0, count, batch):
        rows = []
        for place in range(begin, min(begin + batch, count)):
            body = device.journal[place].body
            head = chain_hash(head, body)
            crypto_sign_open(signatures[place] + signing_input(head), key)
            rows.append((head, body, signatures[place]))
        write(rows)
    return count / (time.perf_counter() - begun)
