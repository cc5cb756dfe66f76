"""Makes the n-th writing statement of an action fail, and reads what the database holds after it."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from fieldsync.errors import FieldsyncError
from tests.device_files import database_of, dump

_READS = ("SELECT", "PRAGMA", "ROLLBACK")


class Failing(sqlite3.Connection):
    """A connection whose n-th statement that writes or commits fails as a full disk does."""

    left = 0

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Count down on all but reads."""
        return self._counted(sql, lambda: sqlite3.Connection.execute(self, sql, parameters))

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        """The same."""
        return self._counted(sql, lambda: sqlite3.Connection.executemany(self, sql, parameters))

    def _counted(self, sql: str, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        if not sql.lstrip().startswith(_READS):
            self.left -= 1
            if self.left == 0:
                raise sqlite3.OperationalError("database or disk is full")
        return run()


class Dying(sqlite3.Connection):
    """A connection whose process is gone at its n-th statement, as by `kill -9` or an empty battery."""

    left = 0

    def die_at(self, n: int) -> None:
        """Be gone when the n-th statement begins; SQLite tells of those its triggers run, too."""
        self.left = n
        self.set_trace_callback(self._counted)

    def _counted(self, _sql: str) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(9)


def code_of(action: Callable[[], object]) -> str | None:
    """The code of the error the action ends in, or None."""
    try:
        action()
    except FieldsyncError as error:
        return error.code
    return None


def content(home: Path) -> list[str]:
    """Every row of a whole database, but for the pages of the search index and of a pull's leftovers."""
    with closing(database_of(home)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        passing = ('INSERT INTO "staged"', 'INSERT INTO "search_fts')
        return [row for row in dump(conn) if not row.startswith(passing)]


Action = Callable[[DeviceContext], object]
