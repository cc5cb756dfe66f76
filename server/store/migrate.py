"""Brings a store to the newest schema with Alembic, and says when a store is newer than this program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine

from fieldsync.errors import LocalCopyError
from fieldsync.words import words
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.ledger import LEDGER

_FOLDER = Path(__file__).parent / "migrations"


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = conn
    return config


def newest_revision() -> str:
    """The revision this program was written for."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def stored_revision(engine: Engine) -> str | None:
    """The revision of the store; None for an empty one."""
    with reading(engine) as conn:
        return MigrationContext.configure(conn).get_current_revision()


def migrate(engine: Engine) -> None:
    """Upgrade in one transaction; LocalCopyError 602.2 if the store is newer than this program."""
    with writing(engine) as conn:
        one_at_a_time(conn, "migrate")
        # What a migration does to rows is its own affair; the tables of the log may not be there yet.
        conn.execution_options(**{LEDGER: None})
        try:
            command.upgrade(_config(conn), "head")
        except CommandError as error:
            raise LocalCopyError(
                "602.2", words("The store is newer than this program."), words("Update Fieldsync.")
            ) from error
