"""Fails the n-th SQLite statement of an action, for n = 1, 2, ... until it passes: all of it or nothing."""

import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from agent_cli.actions.enrol import Line, enrol
from agent_cli.cipher import sqlite3
from agent_cli.context import open_device
from fieldsync.errors import LocalCopyError
from server.workflow.enrol_device import make_code
from tests.agent_cli.bank import open_bank
from tests.agent_cli.conftest import build_device
from tests.agent_cli.made_up import Device, at
from tests.device_files import PASSPHRASE, database_of
from tests.faults.actions import ACTIONS
from tests.faults.failing import Action, Failing, code_of, content
from tests.house.tree import ROOT

_ENOUGH = 80
# The answers an action may end in when nothing fails.
_FINE = {None, "451.61"}


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device after its first sync, in the morning."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    return build_device(tmp_path / "ana")


def prepared(device: Device, before: Action) -> list[str]:
    """What the database holds once the action's beginning is there."""
    with open_device(device.options) as ctx:
        before(ctx)
    return content(device.home)


def broken_at(n: int, device: Device, action: Action) -> str | None:
    """The code the action ends in when its n-th statement fails."""
    with (
        open_device(device.options) as ctx,
        closing(database_of(device.home, factory=Failing)) as conn,
    ):
        conn.isolation_level = None
        conn.row_factory = sqlite3.Row
        conn.left = n
        return code_of(partial(action, replace(ctx, conn=conn)))


@pytest.mark.parametrize("name", ACTIONS)
def test_nothing_is_half_done(name: str, synced: Device, tmp_path: Path) -> None:
    """Each failing statement leaves nothing; the first run without failure leaves everything."""
    before, action = ACTIONS[name]
    as_it_was = prepared(synced, before)
    for n in range(1, _ENOUGH):
        copy = Device(tmp_path / f"copy{n}")
        shutil.copytree(synced.home, copy.home)
        code = broken_at(n, copy, action)
        if code == "602.4":
            assert content(copy.home) == as_it_was
            continue
        assert code in _FINE
        assert content(copy.home) != as_it_was
        assert n > 3
        return
    pytest.fail("it never passed")


def _gone(name: str, home: Path, n: int) -> int:
    """The exit code of a process that does the action and is gone at its n-th statement."""
    code = (
        "import sys; from dataclasses import replace\n"
        "from tests.device_files import PASSPHRASE, database_of; from agent_cli.cipher import sqlite3\n"
        "from agent_cli.config import Options; from agent_cli.context import open_device\n"
        "from tests.faults.actions import ACTIONS; from tests.faults.failing import Dying, code_of\n"
        "with open_device(Options(home=sys.argv[2])) as ctx:\n"
        "    conn = database_of(ctx.home, factory=Dying)\n"
        "    conn.row_factory = sqlite3.Row\n"
        "    conn.execute('PRAGMA synchronous = FULL')\n"
        "    conn.die_at(int(sys.argv[3]))\n"
        "    code_of(lambda: ACTIONS[sys.argv[1]][1](replace(ctx, conn=conn)))\n"
    )
    arguments = [sys.executable, "-c", code, name, str(home), str(n)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in {0, 9}, done.stderr
    return done.returncode


@pytest.mark.parametrize("name", ["visit finish", "disclose", "apply a pull"])
def test_a_killed_process_leaves_all_or_nothing(name: str, synced: Device, tmp_path: Path) -> None:
    """Gone at several statements on the way: the next open finds the state before, or the one after."""
    before, _action = ACTIONS[name]
    as_it_was = prepared(synced, before)
    ends: list[int] = []
    for n in (2, 6, 9, 12, 15, 18, 200):
        copy = Device(tmp_path / f"copy{n}")
        shutil.copytree(synced.home, copy.home)
        ends.append(_gone(name, copy.home, n))
        if ends[-1] == 0:
            assert content(copy.home) != as_it_was
            break
        with open_device(copy.options) as ctx:
            heads = ctx.conn.execute("SELECT count(*), max(seq) FROM journal").fetchone()
            assert heads[0] == (heads[1] or 0)
        assert content(copy.home) == as_it_was
    assert ends[0] == 9
    assert ends[-1] == 0


def test_a_full_disk_is_said_and_changes_nothing(synced: Device) -> None:
    """SQLite's own limit of pages stands for the disk: 602.4, exit 8, and the journal as it was."""
    _before, action = ACTIONS["disclose"]
    code, as_it_was = None, content(synced.home)
    with open_device(synced.options) as ctx:
        pages = ctx.conn.execute("PRAGMA page_count").fetchone()[0]
        ctx.conn.execute(f"PRAGMA max_page_count = {pages + 3}")
        while code is None:
            as_it_was = content(synced.home)
            code = code_of(partial(action, ctx))
    assert code == "602.4"
    assert LocalCopyError.exit_code == 8
    assert content(synced.home) == as_it_was


WRITING = (
    ("visit", "start", "C-000001", "--with", "O-0002"),
    ("disclose", "C-000001", "--need", "time"),
    ("replan", "--from-stop", "C-000003", "--yes"),
)


@pytest.mark.parametrize("args", WRITING, ids=lambda args: args[0])
def test_another_program_at_the_database_is_said(
    args: tuple[str, ...], synced: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the lock: 602.3, exit 8, nothing changed; reading still works."""
    monkeypatch.setattr("agent_cli.store.database._BUSY_MS", 50)
    if args[0] == "replan":
        assert synced.run("disclose", "C-000001", "--need", "time").exit_code == 0
    as_it_was = content(synced.home)
    hold = (
        "import sys; from pathlib import Path; from tests.device_files import PASSPHRASE, database_of\n"
        "conn = database_of(Path(sys.argv[1]))\n"
        "conn.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(synced.home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        error = synced.run(*args).exception
        reading = synced.run("today")
        other.communicate("")
    assert isinstance(error, LocalCopyError)
    assert (error.code, error.exit_code) == ("602.3", 8)
    assert reading.exit_code == 0
    assert content(synced.home) == as_it_was


def test_an_enrolment_fails_whole_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each failing statement the device is nobody's; with the same code it is Ana's in the end."""
    home = tmp_path / "new"
    left = [0]

    def failing(path: Path) -> sqlite3.Connection:
        conn = database_of(path.parent, factory=Failing)
        conn.row_factory = sqlite3.Row
        conn.left = left[0]
        return conn

    monkeypatch.setattr("agent_cli.actions.enrol.connect", failing)
    with open_bank(tmp_path / "bank") as bank:
        secret, _until = make_code(bank.ctx, "O-0001", timedelta(hours=1))
        for n in range(1, _ENOUGH):
            left[0] = n
            code = code_of(lambda: enrol(home, bank.url, secret, PASSPHRASE, Line(5)))
            if code is None:
                break
            assert code == "602.4"
            assert getattr(Device(home).run("today").exception, "code", None) == "602.10"
    assert left[0] > 3
    assert Device(home).run("today").exit_code == 0
