"""The system fails the n-th write, sync, truncation, rename or removal, or kills there: nothing is lost.

After each the databases are whole, the logs have no gap, what was acknowledged is at the server,
and one undisturbed exchange of all devices leaves every copy the same.
"""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import Proven
from tests.faults.one_step import STEPS, prepare, town_after
from tests.faults.system_calls import Ended, run_with
from tests.properties.branch import Branch, make_template, tablets_in
from tests.properties.line import laid
from tests.properties.proofs import (
    check_agreement,
    check_journal,
    check_logs,
    check_nothing_twice,
    missing,
)

GUARANTEES = ("G1", "G2", "G3", "G4", "G5")
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink")
FAULTS = {"fails": "error=EIO", "full": "error=ENOSPC", "kill": "signal=SIGKILL"}
# The first pages written only lay out shared memory; a step's own begin at about the seventeenth.
QUICK = ("sign", "exchange", "office move")
# What a step may end in when its disk fails: told in words, by device (602) or server (503).
_TOLD = ("done", "602.", "503.", "store: ")
_ROUNDS = 2


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch in the middle of a day."""
    folder = tmp_path_factory.mktemp("prepared")
    make_template(folder)
    prepare(folder)
    return folder


def break_at(n: int, prepared: Path, step: str, call: str, fault: str, folder: Path) -> Ended:
    """Do the step with its n-th call failing (for a full disk: from then on), and check what is left."""
    shutil.copytree(prepared, folder)
    when = f"{n}+" if fault == "full" else str(n)
    log = folder / "strace.log"
    ended = run_with(FAULTS[fault], call, when, log, "tests.faults.one_step", str(folder), step)
    log.unlink(missing_ok=True)
    assert ended.killed or ended.said.startswith(_TOLD), ended.said
    check_left(folder)
    shutil.rmtree(folder)
    return ended


def check_left(folder: Path) -> None:
    """Everything of G1-G5 that a fault must leave, first as it lies, then after a clean exchange."""
    for database in (*folder.glob("tablet-*/field.db"), folder / "bank" / "fieldsync.db"):
        with closing(sqlite3.connect(database)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    town = town_after(hours=2)
    branch = Branch(folder / "bank", town, seed="afterwards")
    tablets = tablets_in(folder, town, "afterwards")
    with laid(branch.line):
        for tablet in tablets:
            tablet.take_note()
            check_journal(tablet.home)
        assert not missing(check_logs(branch), tablets)
        for _ in range(_ROUNDS):
            for tablet in tablets:
                tablet.sync()
        check_nothing_twice(branch)
        for tablet in tablets:
            check_agreement(branch, tablet)
    branch.close()


def through(places: Iterable[int], prepared: Path, *what: str, folder: Path) -> int:
    """The step with its fault at each of the places, until it passes; how many faults happened."""
    injected = 0
    for n in places:
        step, call, fault = what
        ended = break_at(n, prepared, step, call, fault, folder / f"at-{n}")
        if not ended.injected:
            assert ended.said == "done"
            break
        injected += 1
    return injected


@pytest.mark.parametrize("step", QUICK)
def test_a_failing_disk_loses_nothing(
    step: str, prepared: Path, tmp_path: Path, proven: Proven
) -> None:
    """Some places of a step: a write that fails, a sync that fails, a disk that is full."""
    done = through((18,), prepared, step, "pwrite64", "fails", folder=tmp_path / "write")
    done += through((1,), prepared, step, "fdatasync", "fails", folder=tmp_path / "sync")
    done += through((20,), prepared, step, "pwrite64", "full", folder=tmp_path / "full")
    assert done == 3
    proven(GUARANTEES, faults=done, steps=done)


@pytest.mark.parametrize("step", QUICK)
def test_a_killed_program_loses_nothing(
    step: str, prepared: Path, tmp_path: Path, proven: Proven
) -> None:
    """Gone in the middle of a write, and before a sync."""
    done = through((21,), prepared, step, "pwrite64", "kill", folder=tmp_path / "write")
    done += through((2,), prepared, step, "fdatasync", "kill", folder=tmp_path / "sync")
    assert done == 2
    proven(GUARANTEES, faults=done, steps=done)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_every_call_may_fail(
    step: str, fault: str, prepared: Path, tmp_path: Path, proven: Proven
) -> None:
    """Every single call of every kind, for n = 1, 2, ... until the step passes."""
    done = 0
    for call in CALLS:
        done += through(count(1), prepared, step, call, fault, folder=tmp_path / call)
    assert done > len(CALLS)
    proven(GUARANTEES, faults=done, steps=done)
