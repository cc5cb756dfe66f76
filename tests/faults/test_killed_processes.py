"""`kill -9` at any moment of a server's workers and of a device's `fieldsync sync`: nothing is lost."""

import os
import random
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from fieldsync.errors import UnreachableError
from tests.agent_cli.made_up import Device
from tests.conftest import Proven
from tests.faults.one_step import check_left, day_in
from tests.faults.processes import Served, served, synced_for
from tests.properties.branch import CASES, make_template
from tests.properties.doings import attempt
from tests.properties.tablet import Tablet

GUARANTEES = ("G1", "G2", "G3", "G4", "G5")
SEED = int(os.environ.get("FIELDSYNC_SEED", "20261124"))
WORKERS = 2
DOINGS = ("start", "note", "note", "finish", "hardship", "agree")
# What a command may end in between two kills: done, or no answer from a server that is just dying.
_ENDS = {None, 0, 7}


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch whose devices have synced once."""
    folder = tmp_path_factory.mktemp("morning")
    make_template(folder)
    return folder


@pytest.fixture
def branch_folder(morning: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(morning, tmp_path / "branch"))


def work_and_sync(tablet: Tablet, seed: int, enough: Event) -> int:
    """Two records and an exchange until it is enough, whatever becomes of it; how many came through."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    through = 0
    while not enough.is_set():
        for _record in range(2):
            name, case_id = chance.choice(DOINGS), chance.choice(CASES)
            tablet.do(partial(attempt, name=name, case_id=case_id))
        try:
            tablet.sync()
            through += 1
        except UnreachableError:
            continue
    return through


def kill_one(server: Served, chance: random.Random) -> int:
    """Kill one of the workers; how many were killed."""
    workers = server.workers()
    if not workers:
        return 0
    try:
        os.kill(chance.choice(workers), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def under_fire(folder: Path, seed: int, kills: int) -> int:
    """Two devices work and sync while so many workers are killed; how many exchanges came through."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    enough, killed = Event(), 0
    with (
        day_in(folder, 1, f"killed-{seed}", through_line=False) as (_branch, tablets),
        served(folder / "bank", WORKERS) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        busy = [tablets[0], tablets[2]]
        for tablet in busy:
            tablet.url = server.url
        pending = [pool.submit(work_and_sync, t, seed + n, enough) for n, t in enumerate(busy)]
        while killed < kills:
            # Only a device that failed ends before it is told to.
            if wait(pending, timeout=chance.uniform(0.05, 1.5)).done:
                break
            killed += kill_one(server, chance)
        enough.set()
        return sum(one.result() for one in pending)


def in_a_loop(folder: Path, seed: int, kills: int) -> int:
    """`fieldsync sync` again and again until so many runs were killed at some moment; how many ran."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    runs = killed = 0
    with (
        day_in(folder, 1, f"looped-{seed}", through_line=False) as (_branch, tablets),
        served(folder / "bank", 1) as server,
    ):
        home = tablets[0].home
        Device(home).turn_to(server.url)
        whole_s = 2.0
        while killed < kills:
            for name in chance.sample(DOINGS, 2):
                tablets[0].do(partial(attempt, name=name, case_id=chance.choice(CASES)))
            begun = time.monotonic()
            ended = synced_for(home, chance.uniform(whole_s / 4, whole_s))
            assert ended in _ENDS, ended
            runs, killed = runs + 1, killed + (ended is None)
            # The machine's pace changes with what else it does.
            whole_s = whole_s * 1.2 if ended is None else time.monotonic() - begun
    return runs


def test_workers_are_killed_under_load(branch_folder: Path, proven: Proven) -> None:
    """Some workers of a server go while two devices push; afterwards G1-G5 hold."""
    through = under_fire(branch_folder, SEED, kills=4)
    assert through > 0
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=4, steps=through, seed=SEED)


def test_a_device_is_killed_in_a_loop(branch_folder: Path, proven: Proven) -> None:
    """A handful of runs of `fieldsync sync` end at some moment; afterwards G1-G5 hold."""
    runs = in_a_loop(branch_folder, SEED, kills=4)
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=4, steps=runs, seed=SEED)


@pytest.mark.slow
def test_workers_are_killed_for_long(branch_folder: Path, proven: Proven) -> None:
    """The same with many exchanges."""
    through = under_fire(branch_folder, SEED + 1, kills=30)
    assert through > 0
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=30, steps=through, seed=SEED + 1)


@pytest.mark.slow
def test_a_device_is_killed_for_long(branch_folder: Path, proven: Proven) -> None:
    """The same thirty times."""
    runs = in_a_loop(branch_folder, SEED + 1, kills=30)
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=30, steps=runs, seed=SEED + 1)
