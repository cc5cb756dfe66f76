"""Lets the system fail a step's n-th call of a kind, or kill it there: strace between program and kernel."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.house.tree import ROOT


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended: what it said, whether it was killed, whether the fault happened at all."""

    said: str
    killed: bool
    injected: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """A process that has the programs loaded and takes each step in a fork of its own."""

    asks: IO[str]
    answers: IO[str]

    def take(self, folder: Path, step: str, call: str, fault: str, when: str) -> Ended:
        """One step with one kind of call failing (`error=EIO`) or killing it (`signal=SIGKILL`).

        `when` is strace's: "3" the third time, "3+" from then on. RuntimeError where this system does
        not let one program trace another, with what it says of it.
        """
        log = folder / "strace.log"
        asked = {"folder": str(folder), "step": step, "call": call, "fault": fault, "when": when}
        self.asks.write(json.dumps({**asked, "log": str(log)}) + "\n")
        self.asks.flush()
        told = json.loads(self.answers.readline())
        if "error" in told:
            raise RuntimeError(f"strace may not trace here: {told['error']}")
        log.unlink()
        assert told["killed"] or told["status"] == 0, told
        return Ended(told["said"], told["killed"], told["injected"])


@contextmanager
def step_server() -> Iterator[Steps]:
    """The process, while the block runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.step_server"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Steps(process.stdin, process.stdout)
        process.stdin.close()
