"""A PostgreSQL of the tests' own: a cluster in a temporary folder, and a fresh database for each test."""

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from server.store.engine import open_engine
from server.store.migrate import migrate

_TEMPLATE = "fieldsync_template"
_START_S = 60


@dataclass(slots=True)
class Cluster:
    """A running PostgreSQL on loopback; its owner `keeper` may do everything, without a password."""

    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, *, user: str = "keeper", port: int | None = None) -> str:
        """The address of a database of this cluster."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{port or self.port}/{database}"

    def make_database(self, template: str = _TEMPLATE) -> str:
        """A fresh database with every table and no row; its name."""
        name = f"bank_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def asking_for_passwords(self, user: str) -> Iterator[None]:
        """Meanwhile this user is let in with a password only."""
        rules = self.folder / "data" / "pg_hba.conf"
        before = rules.read_text(encoding="utf-8")
        strict = f"host all {user} 127.0.0.1/32 scram-sha-256\n"
        rules.write_text(strict + before, encoding="utf-8")
        self.run("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            rules.write_text(before, encoding="utf-8")
            self.run("SELECT pg_reload_conf()")

    def run(self, statement: str) -> None:
        """Run one statement as the owner, outside of any transaction."""
        address = f"host=127.0.0.1 port={self.port} user=keeper dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


def found(program: str) -> str:
    """The path of a program of PostgreSQL; `make system` installs them."""
    here = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    path = str(here[0]) if here else shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"{program} is not here; `make system` installs it")
    return path


def as_nobody_special(command: Sequence[str]) -> list[str]:
    """The command as another user where we are root, as whom PostgreSQL refuses to run."""
    if os.name != "posix" or os.geteuid() != 0:
        return list(command)
    ids = ("--reuid=postgres", "--regid=postgres", "--clear-groups")
    return ["setpriv", *ids, "--pdeathsig=KILL", "--", *command]


def give_away(folder: Path) -> None:
    """Let the other user have the folder."""
    if os.name == "posix" and os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that sorts text as people do, unlike SQLite, and is gone afterwards."""
    give_away(folder)
    data = folder / "data"
    how = ("--auth=trust", "--username=keeper", "--encoding=UTF8", "--no-sync")
    sorting = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-CN")
    _run([found("initdb"), "--pgdata", str(data), *how, *sorting])
    cluster = Cluster(folder, free_port())
    settings = (
        f"port={cluster.port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "shared_buffers=32MB",
        "max_connections=60",
        "deadlock_timeout=100ms",
    )
    flags = [flag for setting in settings for flag in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            as_nobody_special([found("postgres"), "-D", str(data), *flags]), stdout=log, stderr=log
        )
    try:
        wait_for(cluster.port, folder / "log")
        _make_template(cluster)
        yield cluster
    finally:
        process.kill()
        process.wait(30)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        as_nobody_special(command), capture_output=True, encoding="utf-8", check=False, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def wait_for(port: int, log: Path) -> None:
    """Until somebody answers as PostgreSQL does; the log is told where nobody ever does."""
    ready = [found("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        if subprocess.run(ready, check=False).returncode == 0:
            return
    raise RuntimeError(log.read_text(encoding="utf-8"))


def _make_template(cluster: Cluster) -> None:
    """Migrate once; every test's database is a copy."""
    cluster.run(f"CREATE DATABASE {_TEMPLATE}")
    engine = open_engine(cluster.url(_TEMPLATE))
    migrate(engine)
    engine.dispose()
