"""What a PostgreSQL connection needs: nothing that outlives a transaction, so that a pooler may stand between."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import DBAPIError

from fieldsync.errors import LocalCopyError
from fieldsync.words import words

# PgBouncer in transaction mode hands every transaction to another server process, where statements
# prepared before are unknown.
CONNECT_ARGUMENTS = {"prepare_threshold": None, "connect_timeout": 10}
_OLDEST = (13,)
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


def prepare_postgresql(connection: Any, _record: object) -> None:
    """PostgreSQL keeps no NUL in a text: it is stored, and looked for, as U+FFFD.

    Exact bodies never hold one (JSON escapes it); ids that a broken device made up may.
    """
    from psycopg.types.string import StrDumper

    class NulFreeText(StrDumper):
        """Text with every NUL replaced."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, NulFreeText)


def copy_rows(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by COPY: of a hundred it takes a third of the time that a hundred INSERTs do.

    Errors are SQLAlchemy's, as of any statement.
    """
    import psycopg
    from psycopg import sql

    columns = list(rows[0])
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = cast("psycopg.Connection[Any]", conn.connection.dbapi_connection)
    try:
        with raw.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row([row[column] for column in columns])
    except psycopg.Error as error:
        raise DBAPIError.instance(
            "COPY", None, error, psycopg.Error, dialect=conn.dialect
        ) from error


def broken_off(conn: Connection, why: str) -> DBAPIError:
    """The error of a transaction that another one came in the way of, to be done again."""
    import psycopg

    error = psycopg.errors.SerializationFailure(why)
    told = DBAPIError.instance("", None, error, psycopg.Error, dialect=conn.dialect)
    return cast("DBAPIError", told)


def check_postgresql(engine: Engine) -> None:
    """LocalCopyError 602.24 for a PostgreSQL that is too old, 602.25 where it does not keep UTF-8."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as conn:
        version = conn.dialect.server_version_info or _OLDEST
        encoding = conn.execute(text("SHOW server_encoding")).scalar()
    if version < _OLDEST:
        raise LocalCopyError(
            "602.24",
            words(
                "PostgreSQL {version} is too old; {oldest} or later is needed.",
                version=".".join(map(str, version)),
                oldest=_OLDEST[0],
            ),
            words("Upgrade PostgreSQL, or name another server."),
        )
    if encoding != "UTF8":
        raise LocalCopyError(
            "602.25",
            words("The database keeps text as {encoding}, not UTF-8.", encoding=encoding),
            words("Make it anew with `createdb --encoding UTF8 --template template0`."),
        )


def settings_that_forget(conn: Connection) -> list[str]:
    """Those of PostgreSQL's settings for durability that are off: an acknowledged write could be lost."""
    return [name for name in _DURABILITY if conn.execute(text(f"SHOW {name}")).scalar() == "off"]
