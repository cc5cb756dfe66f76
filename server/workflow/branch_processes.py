"""Plans branches side by side, each by this program in a process of its own, so that one cannot harm another."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from fieldsync.planner.problem import Budget

_ASK_EVERY_S = 0.2
_MEBIBYTE = 1024
# Nobody there, or nobody to visit, is an answer about a branch and no failure of its plan.
_NOTHING_TO_DO = frozenset({"422.31", "422.32", "422.33", "422.35"})
_PROGRAM = "from server.cli import main; main()"
# A program that ended without an answer: killed, or out of memory.
_NO_ANSWER = "500.1"


@dataclass(frozen=True, slots=True)
class Each:
    """What every branch's process is told besides its branch."""

    home: Path
    day: date
    budget: Budget
    workers: int
    language: str

    def arguments(self, branch: str) -> list[str]:
        """The command line that plans one branch."""
        budget = self.budget
        return [
            *("--home", str(self.home), "--lang", self.language, "plan"),
            *("--branch", branch, "--date", self.day.isoformat(), "--json"),
            *("--seed", str(budget.seed), "--iterations", str(budget.iterations)),
            *("--seconds", str(budget.seconds), "--workers", str(self.workers)),
        ]


@dataclass(frozen=True, slots=True)
class BranchDone:
    """What came of one branch: figures of its plan, or the error in words and its code.

    `peak_mb` is the most memory of its largest process, None where the system does not tell.
    """

    branch: str
    seconds: float
    peak_mb: int | None
    plan_id: str = ""
    stops: int = 0
    pairs: int = 0
    appointments: int = 0
    missed: int = 0
    code: str = ""
    message: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether the branch should have a plan and has none."""
        return bool(self.code) and self.code not in _NOTHING_TO_DO


@dataclass(slots=True)
class _Running:
    """The processes at work, so that a stop reaches each of them once."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: bool = False

    def begin(self, branch: str, command: Sequence[str], out: IO[bytes], err: IO[bytes]) -> bool:
        with self.lock:
            if self.stopped:
                return False
            # A session of its own: Ctrl-C at the terminal comes through us, and once.
            self.processes[branch] = subprocess.Popen(  # noqa: S603 - this program itself
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
            return True

    def stop(self) -> None:
        """Ask every process to end with its best plan so far; nothing new begins."""
        with self.lock:
            self.stopped = True
            for process in self.processes.values():
                if process.returncode is None:
                    process.send_signal(signal.SIGINT)


def plan_branches(
    branches: Sequence[str],
    each: Each,
    jobs: int,
    stop: Callable[[], bool],
    told: Callable[[BranchDone], None],
) -> list[BranchDone]:
    """Plan the branches, `jobs` at a time; what is done is told as it comes and returned by branch.

    After `stop` those under way keep their best so far, and the others are not begun.
    """
    running = _Running()
    done: list[BranchDone] = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting: set[Future[BranchDone | None]] = {
            pool.submit(_plan_branch, branch, each, running) for branch in branches
        }
        try:
            while waiting:
                ready, waiting = wait(waiting, _ASK_EVERY_S, FIRST_COMPLETED)
                for one in filter(None, (future.result() for future in ready)):
                    done.append(one)
                    told(one)
                if stop() and not running.stopped:
                    running.stop()
        except KeyboardInterrupt:
            running.stop()
            raise
    return sorted(done, key=lambda one: one.branch)


def _plan_branch(branch: str, each: Each, running: _Running) -> BranchDone | None:
    command = [sys.executable, "-c", _PROGRAM, *each.arguments(branch)]
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if not running.begin(branch, command, out, err):
            return None
        peak_mb = _waited(running.processes[branch])
        out.seek(0)
        err.seek(0)
        told, said = out.read().decode(), err.read().decode(errors="replace")
    return _read(branch, round(time.monotonic() - begun, 1), peak_mb, told, said)


def _waited(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for the end; the most memory of the process or one it started, in MiB."""
    if not hasattr(os, "wait4"):
        process.wait()
        return None
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    kibibytes = usage.ru_maxrss // 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return round(kibibytes / _MEBIBYTE)


def _read(branch: str, seconds: float, peak_mb: int | None, told: str, said: str) -> BranchDone:
    try:
        answer: Mapping[str, Any] = json.loads(told)
    except json.JSONDecodeError:
        last = (said.strip().splitlines() or ["-"])[-1]
        return BranchDone(branch, seconds, peak_mb, code=_NO_ANSWER, message=last)
    if "error" in answer:
        error = answer["error"]
        return BranchDone(branch, seconds, peak_mb, code=error["code"], message=error["message"])
    return BranchDone(
        branch,
        seconds,
        peak_mb,
        plan_id=answer["plan_id"],
        stops=answer["stops"],
        pairs=answer["pairs"],
        appointments=answer["appointments"],
        missed=len(answer["appointments_missed"]),
    )
