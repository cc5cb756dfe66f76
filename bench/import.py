"""How long a case book of 100,000 cases takes to import, and how much memory: the real program, a real store.

The budget is 60 s and 500 MB.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.report import Result, run
from fixtures.generate_branch import CASE_COLUMNS, case_rows, write

_ROWS = 100_000
_PROGRAM = (sys.executable, "-c", "from server.cli import main; main()")


def measure(folder: Path) -> list[Result]:
    """Import a fresh book twice into a fresh server; seconds of the first, and its peak memory."""
    write(folder / "cases.csv", CASE_COLUMNS, case_rows(_ROWS))
    home = ("--home", str(folder / "server"))
    subprocess.run([*_PROGRAM, *home, "init"], check=True, capture_output=True)
    import_ = [*_PROGRAM, *home, "import-cases", str(folder / "cases.csv"), "--strict"]
    first_s, first_mb = _timed(import_)
    again_s, _again_mb = _timed(import_)
    return [
        Result("import.100k_seconds", round(first_s, 2), "s", {"again": round(again_s, 2)}),
        Result("import.100k_rss_mb", round(first_mb, 1), "MB"),
    ]


def _timed(command: list[str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of a command that must succeed."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return taken, usage.ru_maxrss * unit / 1e6


if __name__ == "__main__":
    run(__doc__, measure)
