"""The system's clock and randomness, and the training clock that practice days run on."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

TRAINING_CLOCK_VARIABLE = "FIELDSYNC_TRAINING_CLOCK"


class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        """The wall clock, with the machine's offset."""
        return datetime.now().astimezone()  # noqa: TID251 - the one place that asks

    def monotonic_ms(self) -> int:
        """Milliseconds on a clock that never goes back."""
        return time.monotonic_ns() // 1_000_000

    def boot_id(self) -> str:
        """Linux's boot id; elsewhere the boot instant to ten seconds, which serves the same end."""
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            booted = time.time() - time.monotonic()  # noqa: TID251 - the one place that asks
            return f"boot-{int(booted // 10)}"


class TrainingClock(SystemClock):
    """A clock that begins at a chosen instant and runs on, for practice with made-up cases only.

    The programs obey it only where the server was set up with `init --training`, so that no wrong
    or forged clock opens a closed hour on a real day.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._begun = time.monotonic()

    def now(self) -> datetime:
        """The practice time."""
        return self._start + timedelta(seconds=time.monotonic() - self._begun)


def clock_of_environment(*, training: bool) -> SystemClock:
    """The training clock if this is a training copy and the variable is set, else the system's."""
    start = os.environ.get(TRAINING_CLOCK_VARIABLE, "")
    if training and start:
        return TrainingClock(datetime.fromisoformat(start))
    return SystemClock()


class SystemRandomness:
    """The operating system's source of randomness."""

    def token(self, length: int) -> bytes:
        """That many bytes from the system."""
        return os.urandom(length)
