"""Runs the tests that the security pages name, schemathesis and the fuzzer at length, and writes evidence.md.

`--quick` asks as `make test` does; `--seconds` is the fuzzer's time for each parser.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from xml.etree import ElementTree as ET

from generate_reliability import ROOT, told, written

PAGE = Path(__file__).parent / "evidence.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("security.md", "reference/security-controls.md")
ASKED = (
    "tests/server/test_api_document.py",
    "tests/server/test_api_identities.py",
    "tests/server/test_office_document.py",
)
SHOWN = ("schemathesis", "hypothesis", "atheris", "pytest")


def named(page: str) -> list[str]:
    """The tests that a page names, each once."""
    text = (Path(__file__).parent / page).read_text(encoding="utf-8")
    return sorted({f"{path}::{name}" for path, name in NAMED.findall(text)})


def run(tests: Sequence[str], folder: Path, *, slow: bool) -> int:
    """Run them, each of which may write down what it did, with a report beside; pytest's exit code."""
    chosen = [] if slow else ["-m", "not slow"]
    report = f"--junit-xml={folder / 'report.xml'}"
    return subprocess.run(  # noqa: S603 - our own tests
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadscope",
            report,
            *chosen,
            *tests,
        ],
        cwd=ROOT,
        env={**os.environ, "FIELDSYNC_RELIABILITY": str(folder)},
        check=False,
    ).returncode


def cases(folder: Path) -> Counter[str]:
    """How many cases passed, by `file::test`."""
    found: Counter[str] = Counter()
    for case in ET.parse(folder / "report.xml").iter("testcase"):  # noqa: S314 - pytest's own
        path = case.get("classname", "").replace(".", "/") + ".py"
        if not len(case):
            found[f"{path}::{case.get('name', '').partition('[')[0]}"] += 1
    return found


def pages_table(passed: Counter[str]) -> str:
    """Page by page: how many tests are named, and how many cases of them passed."""
    lines = ["| Page | Tests named | Cases passed |", "|---|---|---|"]
    for page in PAGES:
        names = named(page)
        lines.append(f"| `docs/{page}` | {len(names):,} | {sum(passed[n] for n in names):,} |")
    return "\n".join(lines)


def asked_table(folder: Path) -> str:
    """Test by test: how many requests, how many of them refused."""
    steps: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    seeds: dict[str, object] = {}
    for proof in told(folder):
        name = str(proof["name"]).partition("[")[0]
        steps[name] += proof["steps"]
        refused[name] += proof["faults"]
        seeds[name] = proof["seed"]
    lines = ["| Asked by schemathesis | Requests | Refused | Seed |", "|---|---|---|---|"]
    for name, count in sorted(steps.items()):
        said = "–" if "office" in name else f"{refused[name]:,}"
        lines.append(f"| `{name}` | {count:,} | {said} | {seeds[name]} |")
    return "\n".join(lines)


def fuzzed_table(path: Path, seconds: int) -> str:
    """Parser by parser: runs, places of the code that were reached, what broke it."""
    lines = [
        "| Fuzzed by atheris | Seconds | Runs | Places reached | Finds |",
        "|---|---|---|---|---|",
    ]
    for one in json.loads(path.read_text(encoding="utf-8")):
        numbers = f"{one['runs']:,} | {one['places']:,} | {one['finds']}"
        lines.append(f"| {one['name']} | {seconds} | {numbers} |")
    return "\n".join(lines)


def versions() -> str:
    """What it was run with."""
    found = [f"Python {platform.python_version()}"]
    for name in SHOWN:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return f"Run with {', '.join(found)}."


def main() -> int:
    """Run everything, then write; the page stays as it was where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=int, default=60)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        tests, asked, fuzz = Path(fresh, "tests"), Path(fresh, "asked"), Path(fresh, "fuzz.json")
        tests.mkdir()
        asked.mkdir()
        names = sorted({name for page in PAGES for name in named(page)})
        fuzzing = [sys.executable, "-m", "tests.fuzz.run", "--seconds", str(said.seconds)]
        failed = (
            run(names, tests, slow=not said.quick)
            or run(ASKED, asked, slow=not said.quick)
            or subprocess.run([*fuzzing, "--json", str(fuzz)], cwd=ROOT, check=False).returncode  # noqa: S603 - ours
        )
        if failed:
            return failed
        parts = (
            versions(),
            pages_table(cases(tests)),
            asked_table(asked),
            fuzzed_table(fuzz, said.seconds),
        )
    text = written(PAGE.read_text(encoding="utf-8"), "\n\n".join(parts))
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
