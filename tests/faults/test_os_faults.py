"""The system fails the n-th write, sync, truncation, rename or removal, or kills there: nothing is lost.

After each the databases are whole, the logs have no gap, what was acknowledged is at the server,
and one undisturbed exchange of all devices leaves every copy the same.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import Proven
from tests.faults.one_step import STEPS, check_left, prepare
from tests.faults.system_calls import Ended, Steps, step_server
from tests.properties.branch import make_template

GUARANTEES = ("G1", "G2", "G3", "G4", "G5")
# A database's pages are most of what a step writes: they are a share of their own.
CALLS = {
    "pages": ("pwrite64",),
    "others": ("write", "fdatasync", "fsync", "ftruncate", "rename", "unlink"),
}
FAULTS = {"fails": "error=EIO", "full": "error=ENOSPC", "kill": "signal=SIGKILL"}
# The first pages written only lay out shared memory; a step's own begin at about the seventeenth.
QUICK = ("sign", "exchange", "office move")
# What a step may end in when its disk fails: told in words, by device (602) or server (503).
# SQLCipher is built to sync with fsync, the server's SQLite with fdatasync.
_SYNC = {"sign": "fsync"}
_TOLD = ("done", "602.", "503.", "store: ", "system: ")


@dataclass(frozen=True, slots=True)
class Breaking:
    """Takes steps of copies of a prepared branch, with faults in them."""

    steps: Steps
    prepared: Path
    copies: Path

    def at(self, n: int, step: str, call: str, fault: str) -> Ended:
        """The step with its n-th call failing (for a full disk: from then on), and what is left checked."""
        folder = self.copies / f"{call}-{n}"
        shutil.copytree(self.prepared, folder)
        when = f"{n}+" if fault == "full" else str(n)
        ended = self.steps.take(folder, step, call, FAULTS[fault], when)
        assert ended.killed or ended.said.startswith(_TOLD), (call, n, ended.said)
        check_left(folder)
        shutil.rmtree(folder)
        return ended

    def through(self, places: Iterable[int], step: str, call: str, fault: str) -> int:
        """The step with its fault at each of the places, until it passes; how many faults happened."""
        injected = 0
        for n in places:
            ended = self.at(n, step, call, fault)
            if not ended.injected:
                assert ended.said == "done"
                break
            injected += 1
        return injected


@pytest.fixture(scope="session")
def steps() -> Iterator[Steps]:
    """The programs, loaded once."""
    with step_server() as server:
        yield server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch in the middle of a day."""
    folder = tmp_path_factory.mktemp("prepared")
    make_template(folder)
    prepare(folder)
    return folder


@pytest.fixture
def breaking(steps: Steps, prepared: Path, tmp_path: Path) -> Breaking:
    """A way to break steps of that day."""
    return Breaking(steps, prepared, tmp_path)


@pytest.mark.parametrize("step", QUICK)
def test_a_failing_disk_loses_nothing(step: str, breaking: Breaking, proven: Proven) -> None:
    """Some places of a step: a write that fails, a sync that fails, a disk that is full."""
    done = breaking.through((6,), step, "pwrite64", "fails")
    done += breaking.through((1,), step, _SYNC.get(step, "fdatasync"), "fails")
    done += breaking.through((7,), step, "pwrite64", "full")
    assert done == 3
    proven(GUARANTEES, faults=done, steps=done)


@pytest.mark.parametrize("step", QUICK)
def test_a_killed_program_loses_nothing(step: str, breaking: Breaking, proven: Proven) -> None:
    """Gone in the middle of a write, and before a sync."""
    done = breaking.through((8,), step, "pwrite64", "kill")
    done += breaking.through((2,), step, _SYNC.get(step, "fdatasync"), "kill")
    assert done == 2
    proven(GUARANTEES, faults=done, steps=done)


@pytest.mark.slow
@pytest.mark.parametrize("calls", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_every_call_may_fail(
    step: str, fault: str, calls: str, breaking: Breaking, proven: Proven
) -> None:
    """Every single call of every kind, for n = 1, 2, ... until the step passes."""
    done = sum(breaking.through(count(1), step, call, fault) for call in CALLS[calls])
    assert done > len(CALLS[calls])
    proven(GUARANTEES, faults=done, steps=done)
