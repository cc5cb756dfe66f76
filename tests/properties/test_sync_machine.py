"""Three devices, a server and an office in any order, over a line that fails: nothing is lost, and all agree."""

import os
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Proven
from tests.properties.machine import SyncMachine, Template

SEED = int(os.environ.get("FIELDSYNC_SEED", "20261124"))
GUARANTEES = ("G1", "G2", "G3", "G4", "G5", "G6", "G8", "liveness")
# Together ten thousand steps and more; a share takes less than a minute where nothing else runs.
SHARES, RUNS_OF_A_SHARE = 8, 40
# What is found is told as it was found: to make it smaller takes minutes of exchanges.
_FOUND_ALONE = settings(
    phases=(Phase.explicit, Phase.generate),
    stateful_step_count=30,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True)
class Played:
    """How much was done."""

    steps: int
    faults: int


def play(template: Template, runs: int, seeded: int = SEED) -> Played:
    """So many runs of about thirty steps each."""

    class Machine(SyncMachine):
        steps = 0
        faults = 0

    Machine.template = template
    run_state_machine_as_test(
        seed(seeded)(Machine), settings=settings(_FOUND_ALONE, max_examples=runs)
    )
    return Played(Machine.steps, Machine.faults)


def test_all_copies_agree_whatever_happens(sqlite_branch: Template, proven: Proven) -> None:
    """A few hundred steps: after each, logs are whole; in quiet, all copies are the same."""
    played = play(sqlite_branch, 6)
    assert played.steps > 150
    proven(GUARANTEES, faults=played.faults, steps=played.steps, seed=SEED)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_all_copies_agree_for_ten_thousand_steps(
    share: int, sqlite_branch: Template, proven: Proven
) -> None:
    """The same at length, in shares that several workers take; each share has a seed of its own."""
    seeded = SEED + share
    played = play(sqlite_branch, RUNS_OF_A_SHARE, seeded)
    assert played.steps * SHARES >= 10_000
    proven(GUARANTEES, faults=played.faults, steps=played.steps, seed=seeded)


def test_all_copies_agree_on_postgresql(postgresql_branch: Template, proven: Proven) -> None:
    """The same on the other store, whose backups are copies of the whole database."""
    played = play(postgresql_branch, 2)
    assert played.steps > 50
    proven(GUARANTEES, faults=played.faults, steps=played.steps, seed=SEED)


@pytest.mark.slow
def test_all_copies_agree_for_long_on_postgresql(
    postgresql_branch: Template, proven: Proven
) -> None:
    """The other store at length."""
    played = play(postgresql_branch, 60)
    proven(GUARANTEES, faults=played.faults, steps=played.steps, seed=SEED)
