"""Measures a whole `fieldsync-server plan` of the 1,200-case branch, from a process's start to its end."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.report import Result, run

_BOOK = Path(__file__).parent.parent / "fixtures" / "shenzhen"
_ENVIRONMENT = {**os.environ, "FIELDSYNC_TRAINING_CLOCK": "2026-11-23T18:00:00+08:00"}


def _server(home: Path, *arguments: str) -> str:
    """Run the real program and return its stdout."""
    program = [sys.executable, "-c", "from server.cli import main; main()", "--home", str(home)]
    done = subprocess.run(
        [*program, *arguments], env=_ENVIRONMENT, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def measure(folder: Path) -> list[Result]:
    """Import the fixture branch, then time the plan."""
    home = folder / "bank"
    _server(home, "init", "--training")
    _server(home, "import-staff", str(_BOOK / "staff.csv"))
    books = [str(_BOOK / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    _server(home, "import-cases", *books)
    begun = time.perf_counter()
    answer = _server(home, "plan", "--branch", "SZ-NANSHAN", "--date", "2026-11-24", "--json")
    seconds = time.perf_counter() - begun
    plan = json.loads(answer)
    return [
        Result("plan.1200_seconds", round(seconds, 2), "s", {"budget": 30.0}),
        Result("plan.1200_stops", plan["stops"], "stops"),
        Result("plan.1200_appointments_missed", len(plan["appointments_missed"]), "appointments"),
    ]


if __name__ == "__main__":
    run(__doc__, measure)
