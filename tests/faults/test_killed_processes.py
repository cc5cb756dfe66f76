"""`kill -9` at any moment of a server's workers and of a device's `fieldsync sync`: nothing is lost."""

import os
import random
import shutil
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

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


def work_and_sync(tablet: Tablet, seed: int, days: int) -> int:
    """So many times two records and an exchange, whatever becomes of it; how many came through."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    through = 0
    for _ in range(days):
        for _record in range(2):
            name, case_id = chance.choice(DOINGS), chance.choice(CASES)
            tablet.do(partial(attempt, name=name, case_id=case_id))
        try:
            tablet.sync()
            through += 1
        except UnreachableError:
            continue
    return through


def kill_while(pending: Sequence[Future[int]], server: Served, chance: random.Random) -> int:
    """Kill one of the workers after a moment, if anybody is at work still; how many were killed."""
    wait(pending, timeout=chance.uniform(0.05, 1.5))
    workers = server.workers()
    if all(one.done() for one in pending) or not workers:
        return 0
    try:
        os.kill(chance.choice(workers), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def under_fire(folder: Path, seed: int, days: int) -> int:
    """Two devices work and sync while workers are killed; how many were."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    killed = 0
    with (
        day_in(folder, 1, f"killed-{seed}", through_line=False) as (_branch, tablets),
        served(folder / "bank", WORKERS) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        busy = [tablets[0], tablets[2]]
        for tablet in busy:
            tablet.url = server.url
        pending = [pool.submit(work_and_sync, t, seed + n, days) for n, t in enumerate(busy)]
        while not all(one.done() for one in pending):
            killed += kill_while(pending, server, chance)
        # Something came through in between: the workers were at work when they were killed.
        assert sum(one.result() for one in pending) > 0
    return killed


def in_a_loop(folder: Path, seed: int, times: int) -> int:
    """`fieldsync sync` again and again, killed at some moment of its run; how often it was."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    killed = 0
    with (
        day_in(folder, 1, f"looped-{seed}", through_line=False) as (_branch, tablets),
        served(folder / "bank", 1) as server,
    ):
        home = tablets[0].home
        Device(home).turn_to(server.url)
        begun = time.monotonic()
        assert synced_for(home, 60) == 0
        whole_s = time.monotonic() - begun
        for _ in range(times):
            for name in chance.sample(DOINGS, 2):
                tablets[0].do(partial(attempt, name=name, case_id=chance.choice(CASES)))
            ended = synced_for(home, chance.uniform(whole_s / 4, whole_s * 1.2))
            assert ended in _ENDS, ended
            killed += ended is None
    return killed


def test_workers_are_killed_under_load(branch_folder: Path, proven: Proven) -> None:
    """Some workers of a server go while two devices push; afterwards G1-G5 hold."""
    killed = under_fire(branch_folder, SEED, days=10)
    assert killed > 0
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=killed, steps=20, seed=SEED)


def test_a_device_is_killed_in_a_loop(branch_folder: Path, proven: Proven) -> None:
    """A handful of runs of `fieldsync sync` end at some moment; afterwards G1-G5 hold."""
    killed = in_a_loop(branch_folder, SEED, times=6)
    assert killed > 0
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=killed, steps=6, seed=SEED)


@pytest.mark.slow
def test_workers_are_killed_for_long(branch_folder: Path, proven: Proven) -> None:
    """The same with many exchanges."""
    killed = under_fire(branch_folder, SEED + 1, days=80)
    assert killed > 10
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=killed, steps=160, seed=SEED + 1)


@pytest.mark.slow
def test_a_device_is_killed_for_long(branch_folder: Path, proven: Proven) -> None:
    """The same forty times."""
    killed = in_a_loop(branch_folder, SEED + 1, times=40)
    assert killed > 10
    check_left(branch_folder, rounds=3)
    proven(GUARANTEES, faults=killed, steps=40, seed=SEED + 1)
