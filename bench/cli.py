"""Measures what an officer waits for: `fieldsync today` and `--help`, beside a bare Python."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from agent_cli.identity import Identity, to_meta
from agent_cli.keys import create_keys
from agent_cli.store import meta
from agent_cli.store.applying import apply_staged
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema, writing
from agent_cli.store.staging import stage
from bench.report import Result, emit
from tests.agent_cli.made_up import at, feed_rows

_RUNS = 15
# The promise of the product: at most 2.5 times a bare Python, and 60 ms.
_TIMES_BARE, _ALLOWED_MS = 2.5, 60.0


def make_device(home: Path) -> None:
    """A synced device with a day of stops."""
    create_keys(home / "keys", bytes(range(64)))
    with closing(connect(home / DATABASE_NAME)) as conn:
        ensure_schema(conn)
        with writing(conn):
            identity = Identity(
                "0193a000-0000-7000-8000-000000000001",
                "O-0001",
                "Ana",
                "SZ-NANSHAN",
                "http://127.0.0.1:9",
                "",
                "e",
                True,
            )
            meta.write(conn, to_meta(identity))
            stage(conn, feed_rows())
            apply_staged(conn)


def _median_ms(command: list[str], environment: dict[str, str]) -> float:
    taken = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def measure(home: Path) -> list[Result]:
    """The two figures, each the time over a bare Python's."""
    make_device(home)
    environment = {
        **os.environ,
        "FIELDSYNC_HOME": str(home),
        "FIELDSYNC_TRAINING_CLOCK": at(10).isoformat(),
    }
    program = str(Path(sys.executable).with_name("fieldsync"))
    bare = _median_ms([sys.executable, "-c", "pass"], environment)
    results = []
    for name, arguments in (("today", ["today"]), ("help", ["--help"])):
        taken = _median_ms([program, *arguments], environment)
        compared = {
            "bare_ms": round(bare, 1),
            "ratio": round(taken / bare, 2),
            "budget_ms": round((_TIMES_BARE - 1) * bare + _ALLOWED_MS, 1),
        }
        results.append(Result(f"{name}.over_bare_ms", round(taken - bare, 1), "ms", compared))
    return results


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        emit(measure(Path(scratch)), as_json=arguments.as_json)


if __name__ == "__main__":
    main()
