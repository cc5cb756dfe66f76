"""Lets the system fail a process's n-th call of a kind, or kill it there: strace between program and kernel."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

_KILLED = -9


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended: what it said, whether it was killed, whether the fault happened at all."""

    said: str
    killed: bool
    injected: bool


def strace() -> str:
    """The program that does it; `make system` installs it."""
    path = shutil.which("strace")
    if path is None:
        raise FileNotFoundError("strace is not here; `make system` installs it")
    return path


def run_with(fault: str, call: str, when: str, log: Path, *program: str) -> Ended:
    """Run a Python module with one kind of system call failing (`error=EIO`) or killing (`signal=SIGKILL`).

    `when` is strace's: "3" the third time, "3+" from then on. RuntimeError where this system does not
    let one program trace another, with what it says of it.
    """
    how = ("-f", "-qq", "-o", str(log), "-e", f"trace={call}")
    done = subprocess.run(
        [
            strace(),
            *how,
            "-e",
            f"inject={call}:{fault}:when={when}",
            sys.executable,
            "-m",
            *program,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    traced = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if "ptrace" in done.stderr and not traced:
        raise RuntimeError(f"strace may not trace here: {done.stderr.strip()}")
    killed = done.returncode == _KILLED
    if done.returncode and not killed:
        raise AssertionError(done.stderr)
    return Ended(done.stdout, killed, "(INJECTED)" in traced or killed)
