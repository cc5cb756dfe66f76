"""The programs as processes of their own, which a test may end at any moment as `kill -9` does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_cli.install_mark import STATE_VARIABLE
from fieldsync.adapters.clock import TRAINING_CLOCK_VARIABLE
from tests.agent_cli.made_up import at
from tests.house.tree import ROOT

_SERVER = "from server.cli import main; main()"
_DEVICE = "from agent_cli.main import main; main()"
# Every process of a test believes in the same hour of the made-up day.
HOUR = 11


def _program(code: str, home: Path, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, "--home", str(home), *args],
        cwd=ROOT,
        env={
            **os.environ,
            TRAINING_CLOCK_VARIABLE: at(HOUR).isoformat(),
            STATE_VARIABLE: str(home.parent / "state"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, its address and its workers."""

    process: subprocess.Popen[str]
    url: str

    def workers(self) -> list[int]:
        """The processes that answer requests; another takes the place of each that is gone."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in children.split()]


@contextmanager
def served(home: Path, workers: int) -> Iterator[Served]:
    """`fieldsync-server run`, ended without ado at the end."""
    process = _program(_SERVER, home, "run", "--port", "0", "--workers", str(workers))
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def synced_for(home: Path, time_s: float) -> int | None:
    """`fieldsync sync` killed after so many seconds; None, or its exit code where it was done before."""
    process = _program(_DEVICE, home, "sync")
    try:
        process.communicate(timeout=time_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    return process.returncode
