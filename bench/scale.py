"""Plans a measured sample of large branches by one command and tells what 250 of them would take.

Ten branches of 40 pairs and 4,000 cases, each planned by a process of its own, two at a time. What
250 branches (10,000 officers in pairs, 1,000,000 cases) take is reckoned from that, not measured.
`--branches`, `--cases` and `--seconds` make the sample smaller.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Before, Result, emit, fsync_probe_ms, load
from fixtures.generate_branch import CASE_COLUMNS, PAYMENT_COLUMNS, case_book, write
from fixtures.shenzhen_histories import CONTACT_COLUMNS
from fixtures.shenzhen_people import Draw
from fixtures.shenzhen_staff import STAFF_COLUMNS, staff

_ALL = 250
_DAY = "2026-11-24"
_PROGRAM = (sys.executable, "-c", "from server.cli import main; main()")
_ENVIRONMENT = {**os.environ, "FIELDSYNC_TRAINING_CLOCK": "2026-11-23T18:00:00+08:00"}
# The made-up staff of a branch are twenty pairs.
_STAFFS = 2

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """How many branches of how many cases, how long each search is, how many at a time."""

    branches: int
    cases: int
    seconds: float
    jobs: int


def _book(folder: Path, sample: Sample) -> list[Path]:
    """The tables of all branches: staff, cases, contacts, payments."""
    people: Rows = []
    cases: Rows = []
    contacts: Rows = []
    payments: Rows = []
    for number in range(sample.branches):
        branch = f"B{number:03d}"
        for half in range(_STAFFS):
            people += [_own(row, branch, half) for row in staff(Draw(number * 2 + half), branch)]
        book = case_book(sample.cases, seed=1 + number)
        cases += [_of(row, branch) for row in book.cases]
        contacts += [_of(row, branch) for row in book.contacts]
        payments += [_of(row, branch) for row in book.payments]
    tables: Sequence[tuple[str, Sequence[str], Rows]] = (
        ("staff.csv", STAFF_COLUMNS, people),
        ("cases.csv", CASE_COLUMNS, cases),
        ("contacts.csv", CONTACT_COLUMNS, contacts),
        ("payments.csv", PAYMENT_COLUMNS, payments),
    )
    for name, columns, rows in tables:
        write(folder / name, columns, iter(rows))
    return [folder / name for name, _columns, _rows in tables]


def _of(row: Mapping[str, str], branch: str) -> dict[str, str]:
    """A row of the made-up book as a case of this branch."""
    changed = {**row, "case_id": f"{branch}-{row['case_id']}"}
    if "branch" in row:
        changed |= {"branch": branch, "account_ref": f"{branch}-{row['account_ref']}"}
    if "payment_id" in row:
        changed["payment_id"] = f"{branch}-{row['payment_id']}"
    return changed


def _own(row: Mapping[str, str], branch: str, half: int) -> dict[str, str]:
    """A pair of the made-up staff under names of this branch's own."""
    named = ("pair_id", "officer1_id", "officer2_id")
    return {**row, **{key: f"{branch}-{half}-{row[key]}" for key in named}}


def _server(home: Path, *arguments: str) -> str:
    program = [*_PROGRAM, "--home", str(home), *arguments]
    done = subprocess.run(program, env=_ENVIRONMENT, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def measure(folder: Path, sample: Sample) -> tuple[list[Result], Mapping[str, Any]]:
    """Import the branches, plan them all, and read the figures off the command's own answer."""
    home = folder / "bank"
    people, *books = _book(folder, sample)
    _server(home, "init", "--training")
    _server(home, "import-staff", str(people))
    _server(home, "import-cases", *map(str, books))
    begun = time.perf_counter()
    how = ("--jobs", str(sample.jobs), "--seconds", str(sample.seconds), "--json")
    answer: Mapping[str, Any] = json.loads(_server(home, "plan", "--all", "--date", _DAY, *how))
    taken = time.perf_counter() - begun
    branches = answer["branches"]
    minutes = taken / 60 * _ALL / len(branches)
    results = [
        Result("scale.sample_seconds", round(taken, 1), "s", {"branches": len(branches)}),
        Result(
            "scale.branch_seconds",
            round(statistics.median(one["seconds"] for one in branches), 1),
            "s",
            {"search": sample.seconds},
        ),
        Result("scale.peak_rss_mb", max(one["peak_mb"] for one in branches), "MB"),
        Result("scale.appointments_missed", sum(one["missed"] for one in branches), "appointments"),
        Result("scale.reckoned_minutes", round(minutes, 1), "min", {"jobs": sample.jobs}),
    ]
    return results, answer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=10)
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=24.0, help="search of each branch")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    before = Before(fsync_probe_ms(), load())
    sample = Sample(given.branches, given.cases, given.seconds, given.jobs)
    with tempfile.TemporaryDirectory() as folder:
        results, answer = measure(Path(folder), sample)
    emit(results, before, as_json=given.as_json, besides={"branches": answer["branches"]})


if __name__ == "__main__":
    main()
