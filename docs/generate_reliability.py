"""Runs the proofs of the guarantees and writes what they did into the table of reliability.md.

`--quick` runs what `make test` runs of them; `--from FOLDER` takes what an earlier run wrote down.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).parent / "reliability.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
PROOFS = (
    "tests/properties/test_sync_machine.py",
    "tests/faults/test_os_faults.py",
    "tests/faults/test_killed_processes.py",
    "tests/lines",
    "tests/server/test_fuzzed_requests.py",
    "tests/server/test_fuzzed_files.py",
)


def run(folder: Path, *, quick: bool) -> int:
    """Run the proofs, each of which writes down what it did; pytest's exit code."""
    chosen = ["-m", "not slow"] if quick else []
    return subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "-q", "-n", "2", *chosen, *PROOFS],
        cwd=ROOT,
        env={**os.environ, "FIELDSYNC_RELIABILITY": str(folder)},
        check=False,
    ).returncode


def told(folder: Path) -> list[dict[str, Any]]:
    """What every proof wrote down, by its name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda proof: str(proof["name"]))


def table(proofs: Sequence[dict[str, Any]]) -> str:
    """The table: which guarantees, shown by which test, after how many faults and steps, from which seed."""
    lines = ["| Guarantees | Shown by | Faults injected | Steps | Seed |", "|---|---|---|---|---|"]
    for proof in proofs:
        seed = "nothing random" if proof["seed"] is None else str(proof["seed"])
        numbers = f"{proof['faults']:,} | {proof.get('steps', proof['faults']):,} | {seed}"
        lines.append(f"| {', '.join(proof['guarantee'])} | `{proof['name']}` | {numbers} |")
    return "\n".join(lines)


def written(page: str, new_table: str) -> str:
    """The page with its table replaced."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{new_table}\n\n{END}{after}"


def main() -> int:
    """Run, then write; the page stays as it was where a proof failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--from", dest="folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        folder = options.folder or Path(fresh)
        failed = 0 if options.folder else run(folder, quick=options.quick)
        if failed:
            return failed
        text = written(PAGE.read_text(encoding="utf-8"), table(told(folder)))
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
