"""Opens the store by URL and hands out transactions; SQLite writes begin with BEGIN IMMEDIATE.

Every SQLite connection runs in WAL with synchronous=FULL: what was acknowledged is on the disk.
On PostgreSQL a write runs at READ COMMITTED and locks the cases and records it decides on
(`server.store.dialect`), so that feed positions can be taken late; a reader has one snapshot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from fieldsync.errors import InputError
from fieldsync.words import words
from server.store.audit_tree import seal
from server.store.dialect import READING, is_reading
from server.store.ledger import LEDGER, Ledger, watch
from server.store.postgresql import CONNECT_ARGUMENTS, prepare_postgresql
from server.store.sqlite_turns import BUSY_MS, begin_immediate, turn_to_write

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
)
_STORES = frozenset({"sqlite", "postgresql+psycopg"})


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql+psycopg://...`; InputError 400.5 for another URL."""
    if _kind_of(url) == "sqlite":
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        watch(engine)
        return engine
    engine = create_engine(
        url,
        connect_args=CONNECT_ARGUMENTS,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", prepare_postgresql)
    watch(engine)
    return engine


def without_password(url: str) -> str:
    """The URL as it may be written down; InputError 400.5 where it is none. Empty stays empty."""
    if not url:
        return ""
    _kind_of(url)
    # `set` takes None for "as it is".
    bare = make_url(url)._replace(password=None).difference_update_query(["password"])
    return bare.render_as_string(hide_password=False)


def _kind_of(url: str) -> str:
    """What the URL begins with; the URL itself is never shown, since it may hold a password."""
    try:
        kind = make_url(url).drivername
    except (ArgumentError, ValueError) as error:
        raise _unknown_kind() from error
    if kind not in _STORES:
        raise _unknown_kind()
    return kind


def _unknown_kind() -> InputError:
    return InputError(
        "400.5",
        words("The address of the store is none that Fieldsync knows."),
        words("Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."),
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late and is DEFERRED; ours is emitted by _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    if is_reading(conn):
        conn.exec_driver_sql("BEGIN")
    else:
        begin_immediate(conn)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on any error.

    What it touched and told the audit log is put into the tree last of all.

    Whoever calls it stands under `server.store.retrying.retried`: on PostgreSQL a transaction may
    have to be done again.
    """
    ledger = Ledger()
    options: dict[str, Any] = {LEDGER: ledger}
    if engine.dialect.name == "sqlite":
        with (
            turn_to_write(engine),
            engine.connect().execution_options(**options) as conn,
            conn.begin(),
        ):
            yield conn
            seal(conn, ledger)
        return
    with engine.connect().execution_options(**options) as conn, conn.begin():
        # As long as SQLite waits; local to the transaction, as a pooler needs it.
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_MS}")
        yield conn
        seal(conn, ledger)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot to read from; PostgreSQL reads it as REPEATABLE READ and refuses writes."""
    options: dict[str, Any] = {READING: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as conn, conn.begin():
        yield conn


def is_reachable(engine: Engine) -> bool:
    """Whether the store answers a trivial question."""
    with engine.connect().execution_options(**{READING: True}) as conn:
        return bool(conn.execute(text("SELECT 1")).scalar())
