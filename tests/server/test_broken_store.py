"""A store that is newer, damaged, locked or full: the real program says so in words and changes nothing."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from server.context import ServerContext
from server.store import engine as engine_module
from server.store.engine import reading, writing
from tests.conftest import ROOT
from tests.server.field_device import FieldDevice
from tests.server.test_commands import call

Captured = pytest.CaptureFixture[str]
COMMANDS = (
    ("review", "list"),
    ("show", "case", "C-1"),
    ("import-staff", str(ROOT / "fixtures" / "shenzhen" / "staff.csv")),
)
EXIT_LOCAL_COPY = 8


@pytest.fixture
def closed(server: ServerContext) -> Path:
    """The folder of a server whose store nobody has open."""
    server.engine.dispose()
    return server.config.home


def _told(home: Path, capsys: Captured, code: str, *args: str) -> str:
    assert call(home, *args) == EXIT_LOCAL_COPY
    err = capsys.readouterr().err
    assert code in err
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("args", COMMANDS)
def test_a_newer_store_is_left_alone(
    server: ServerContext, capsys: Captured, args: tuple[str, ...]
) -> None:
    """An older program asks for an update and touches nothing."""
    with writing(server.engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "Update Fieldsync" in _told(server.config.home, capsys, "602.2", *args)
    with reading(server.engine) as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


@pytest.mark.parametrize("args", COMMANDS)
def test_a_file_of_garbage_is_told(closed: Path, capsys: Captured, args: tuple[str, ...]) -> None:
    """What is no database is called damaged, and left for whoever restores it."""
    store = next(closed.glob("*.db"))
    garbage = b"this is no database " * 500
    store.write_bytes(garbage)
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    _told(closed, capsys, "602.5", *args)
    assert store.read_bytes() == garbage


def test_a_locked_store_is_told(
    closed: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the store: this one waits a while, then says so."""
    pragmas = tuple(p for p in engine_module._SQLITE_PRAGMAS if "busy" not in p)
    monkeypatch.setattr(engine_module, "_SQLITE_PRAGMAS", (*pragmas, "PRAGMA busy_timeout=50"))
    holder = sqlite3.connect(next(closed.glob("*.db")), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        _told(closed, capsys, "602.3", *COMMANDS[2])
    finally:
        holder.rollback()
        holder.close()


@pytest.fixture
def small_store() -> Iterator[Callable[[], None]]:
    """Lets no store grow any further, as a full disk would; off until called."""

    def no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    yield lambda: event.listen(Engine, "connect", no_more_pages)
    event.remove(Engine, "connect", no_more_pages)


def test_a_full_disk_is_told_and_nothing_is_half_done(
    closed: Path, server: ServerContext, capsys: Captured, small_store: Callable[[], None]
) -> None:
    """The import that does not fit is undone whole."""
    small_store()
    assert "Nothing was changed" in _told(closed, capsys, "602.4", *COMMANDS[2])
    with reading(server.engine) as conn:
        assert conn.execute(text("SELECT count(*) FROM officers")).scalar() == 0


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:2] = []
from server.cli import main
main()
"""


def test_a_limit_of_the_system_is_told(closed: Path, server: ServerContext) -> None:
    """A process that may not write any further says so in a sentence, and the store stays whole."""
    process = subprocess.run(
        [sys.executable, "-c", _LIMITED, "4096", "--home", str(closed), *COMMANDS[2]],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    assert process.returncode == EXIT_LOCAL_COPY, process.stderr
    assert "602." in process.stderr
    assert "Traceback" not in process.stderr
    with reading(server.engine) as conn:
        assert conn.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert conn.execute(text("SELECT count(*) FROM officers")).scalar() == 0


def test_a_damaged_store_is_told_over_http(device: FieldDevice, server: ServerContext) -> None:
    """Devices are told that the store cannot be used just now, and try again; nothing of ours is at fault."""
    server.engine.dispose()
    store = next(server.config.home.glob("*.db"))
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    store.write_bytes(b"this is no database " * 500)
    answer = device.push()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "503.1")
    server.engine.dispose()
