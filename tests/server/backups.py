"""Backups of a whole store, taken and put back as an operator would: a copied file, a copied database."""

import contextlib
import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from server.context import ServerContext
from tests.server.postgresql import Cluster

PutBack = Callable[[], None]
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Backups:
    """Of one server; `cluster` makes the PostgreSQL that its store may lie in."""

    server: ServerContext
    cluster: Callable[[], Cluster]

    def take(self) -> PutBack:
        """Copy the store as it is; what comes back puts the copy in its place."""
        if self.server.engine.dialect.name == "sqlite":
            return self._copied_file()
        return self._copied_database()

    def _copied_file(self) -> PutBack:
        live = Path(str(self.server.engine.url.database))
        aside = live.with_suffix(f".backup{next(_numbers)}")
        with (
            contextlib.closing(sqlite3.connect(live)) as source,
            contextlib.closing(sqlite3.connect(aside)) as copy,
        ):
            source.backup(copy)

        def put_back() -> None:
            self.server.engine.dispose()
            for ending in ("-wal", "-shm"):
                live.with_name(live.name + ending).unlink(missing_ok=True)
            live.write_bytes(aside.read_bytes())

        return put_back

    def _copied_database(self) -> PutBack:
        cluster = self.cluster()
        live = str(make_url(self.server.config.database_url).database)
        aside = f"{live}_backup{next(_numbers)}"
        self.server.engine.dispose()
        cluster.run(f"CREATE DATABASE {aside} TEMPLATE {live}")

        def put_back() -> None:
            self.server.engine.dispose()
            cluster.drop_database(live)
            cluster.run(f"CREATE DATABASE {live} TEMPLATE {aside}")

        return put_back
