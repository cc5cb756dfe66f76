"""Runs the real `fieldsync-server run` for a benchmark, and tells what memory and time its workers take."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fieldsync.adapters.clock import TRAINING_CLOCK_VARIABLE

PROGRAM = (sys.executable, "-c", "from server.cli import main; main()")
_POLL_S = 0.05
_KIB = 1024
# Where /proc/PID/stat has the ticks spent, counted after the program's name.
_USER, _SYSTEM = 11, 12


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its address, and the process that began the workers."""

    url: str
    pid: int

    def memory_mb(self) -> float:
        """Resident megabytes of all workers together; 0 where the system does not tell (no /proc)."""
        return sum(_resident_kib(pid) for pid in _children(self.pid)) * _KIB / 1e6

    def cpu_s(self) -> float:
        """Processor seconds that all workers have used; 0 where the system does not tell (no /proc)."""
        return sum(_cpu_s(pid) for pid in _children(self.pid))


def command(home: Path, *arguments: str, clock: datetime | None = None) -> str:
    """One command of the server's program, which must succeed; its standard output."""
    done = subprocess.run(
        [*PROGRAM, "--home", str(home), *arguments],
        env=environment(clock),
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    return done.stdout


@contextmanager
def running(
    home: Path,
    *,
    clock: datetime | None = None,
    workers: int = 2,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Running]:
    """The server of this folder, serving; a training server's clock begins at `clock`."""
    arguments = ("run", "--port", "0", "--workers", str(workers))
    run_file = home / "run.json"
    with (home / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*program, "--home", str(home), *arguments],
            env=environment(clock),
            stdout=log,
            stderr=log,
        )
    try:
        while not run_file.exists():
            if process.poll() is not None:
                raise RuntimeError((home / "server.log").read_text(encoding="utf-8"))
            time.sleep(_POLL_S)
        yield Running(json.loads(run_file.read_text(encoding="utf-8"))["url"], process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def environment(clock: datetime | None) -> dict[str, str]:
    """This process's environment, with the training clock at `clock` or none at all."""
    kept = {name: value for name, value in os.environ.items() if name != TRAINING_CLOCK_VARIABLE}
    return kept | ({} if clock is None else {TRAINING_CLOCK_VARIABLE: clock.isoformat()})


def _children(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in told.split()]


def _resident_kib(pid: int) -> int:
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = [line for line in told.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) if lines else 0


def _cpu_s(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    # The second field is the program's name in brackets, which may hold spaces; then field 3 follows.
    fields = told.rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")
