"""The Clock and Randomness ports: one suite for the system's, the training and the test ones."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from fieldsync.adapters.clock import (
    TRAINING_CLOCK_VARIABLE,
    SystemClock,
    SystemRandomness,
    TrainingClock,
    clock_of_environment,
)
from fieldsync.ports import Clock, Randomness
from tests.fakes import FixedClock, SeededRandomness

START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
CLOCKS: dict[str, Callable[[], Clock]] = {
    "system": SystemClock,
    "training": lambda: TrainingClock(START),
    "fixed": lambda: FixedClock(START),
}


@pytest.mark.parametrize("make", CLOCKS.values(), ids=CLOCKS)
def test_clocks_are_aware_and_never_go_back(make: Callable[[], Clock]) -> None:
    """`now` knows its offset, the monotonic clock never goes back, and a boot keeps its id."""
    clock = make()
    assert clock.now().utcoffset() is not None
    readings = [clock.monotonic_ms() for _ in range(100)]
    assert all(earlier <= later for earlier, later in pairwise(readings))
    assert clock.boot_id() == clock.boot_id() != ""


def test_the_training_clock_needs_a_training_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real copy the variable changes nothing, so no forged clock opens a closed hour."""
    monkeypatch.setenv(TRAINING_CLOCK_VARIABLE, START.isoformat())
    assert isinstance(clock_of_environment(training=True), TrainingClock)
    assert not isinstance(clock_of_environment(training=False), TrainingClock)
    assert clock_of_environment(training=True).now() - START < timedelta(minutes=1)


@pytest.mark.parametrize("randomness", [SystemRandomness(), SeededRandomness()], ids=type)
def test_randomness_gives_what_is_asked(randomness: Randomness) -> None:
    """As many bytes as asked for, and other ones the next time."""
    assert [len(randomness.token(length)) for length in (1, 10, 64)] == [1, 10, 64]
    assert randomness.token(16) != randomness.token(16)
