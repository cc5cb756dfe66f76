"""A database of an older program is brought up whole, wherever a statement of the upgrade fails."""

import shutil
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from agent_cli.cipher import sqlite3
from agent_cli.context import open_device
from agent_cli.store import database, migrations
from agent_cli.store.database import ensure_schema, stored_version
from tests.agent_cli.conftest import build_device
from tests.agent_cli.made_up import Device, at
from tests.device_files import database_of
from tests.faults.actions import hardship
from tests.faults.failing import Failing, code_of

_NEW_AT_THE_DOOR = ("check_in_tries", "complaints", "corrections")
_OLD_CHECK = "('unsent', 'sent', 'accepted', 'held', 'in_review', 'rejected')"


def _without_orders(conn: sqlite3.Connection) -> None:
    """As it was before each order of a day was kept."""
    conn.execute("DROP TABLE orders")
    for column in ("author", "at"):
        conn.execute(f"ALTER TABLE revisions DROP COLUMN {column}")


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device of version 1 with a record and a file that it names."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    device = build_device(tmp_path / "ana")
    with open_device(device.options) as ctx:
        hardship(ctx)
        op_id = ctx.conn.execute("SELECT op_id FROM journal").fetchone()[0]
        ctx.conn.execute("INSERT INTO journal_files VALUES (?, ?, 1, 'x/y', 0)", ("a" * 64, op_id))
    with closing(database_of(device.home)) as conn:
        for table in _NEW_AT_THE_DOOR:
            conn.execute(f"DROP TABLE {table}")
        for column in ("sealed", "sealed_at"):
            conn.execute(f"ALTER TABLE journal DROP COLUMN {column}")
        _without_orders(conn)
        new = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'journal'").fetchone()[0]
        kept = new[new.index("CHECK") : new.index("reason TEXT")]
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'journal'",
            (kept, f"CHECK (state IN {_OLD_CHECK}),\n  "),
        )
        conn.execute("PRAGMA writable_schema = OFF")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name > '0002'")
        conn.execute("PRAGMA user_version = 1")
    return device


def records(home: Path) -> list[tuple[object, ...]]:
    """The journal and its files, in a whole database without dangling references."""
    with closing(database_of(home)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        return [
            *conn.execute(
                "SELECT seq, op_id, kind, case_id, body, hash, sig, recorded_at, state, reason"
                " FROM journal"
            ),
            *conn.execute("SELECT * FROM journal_files"),
        ]


def test_the_newest_version_is_the_last_step() -> None:
    """The number in the file is the number of steps."""
    assert len(list(migrations.STEPS.pending(Database(memory=True)))) == database.SCHEMA_VERSION


def test_an_upgrade_is_whole_or_not_at_all(older: Device, tmp_path: Path) -> None:
    """Each failing statement leaves a whole version, with every record as it was; then one may be sealed."""
    as_it_was = records(older.home)
    reached: set[int] = set()
    for n in range(1, 80):
        copy = tmp_path / f"copy{n}"
        shutil.copytree(older.home, copy)
        with closing(database_of(copy, factory=Failing)) as conn:
            conn.isolation_level = None
            conn.row_factory = sqlite3.Row
            conn.left = n
            code = code_of(partial(ensure_schema, conn))
            conn.left = 0
            if code is not None:
                assert code == "602.4"
                reached.add(stored_version(conn))
                assert records(copy) == as_it_was
                continue
            assert stored_version(conn) == database.SCHEMA_VERSION
            conn.execute("UPDATE journal SET state = 'quarantined', sealed = 'x', sealed_at = 'y'")
        assert n > 5
        assert reached == set(range(1, database.SCHEMA_VERSION))
        assert len(records(copy)) == len(as_it_was)
        return
    pytest.fail("it never passed")


def test_a_device_of_before_the_door_counts_and_keeps_after_its_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened by this program, a version 3 device has every record, and takes complaints and corrections."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    device = build_device(tmp_path / "ana")
    with open_device(device.options) as ctx:
        hardship(ctx)
    with closing(database_of(device.home)) as conn:
        for table in _NEW_AT_THE_DOOR:
            conn.execute(f"DROP TABLE {table}")
        _without_orders(conn)
        conn.execute("DELETE FROM _sqlite_migrations WHERE name >= '0004'")
        conn.execute("PRAGMA user_version = 3")
    as_it_was = records(device.home)
    said = ("--topic", "conduct", "--text", "You came at dinner")
    taken = device.run("complaint", "C-000002", *said)
    assert taken.exit_code == 0, repr(taken.exception)
    assert device.run("correct", "C-000002", "address", "--wrong", "home").exit_code == 0
    assert records(device.home)[: len(as_it_was)] == as_it_was
    with closing(database_of(device.home)) as conn:
        assert stored_version(conn) == database.SCHEMA_VERSION
        counts = [conn.execute(f"SELECT count(*) FROM {t}").fetchone() for t in _NEW_AT_THE_DOOR]  # noqa: S608 - our own names
    assert counts == [(0,), (1,), (1,)]
