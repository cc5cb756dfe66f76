"""Measures what an officer waits for: `fieldsync today` and `--help`, beside a bare Python."""

import compileall
import os
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import agent_cli
import fieldsync
from agent_cli.identity import to_meta
from agent_cli.keys import create_keys
from agent_cli.store import meta
from agent_cli.store.applying import apply_staged
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema, writing
from agent_cli.store.staging import stage
from agent_cli.vault import envelope_opened, held_keys, keeper_client
from bench.report import Result, run
from tests.agent_cli.made_up import ANAS_DEVICE, at, feed_rows

_RUNS = 15
_TURNS = 3
_PASSPHRASE = "four random words here"  # noqa: S105 - of a made-up device
# The promise of the product: at most 2.5 times a bare Python, and 60 ms.
_TIMES_BARE, _ALLOWED_MS = 2.5, 60.0


def make_device(home: Path) -> None:
    """A synced device with a day of stops."""
    create_keys(home / "keys", bytes(range(64)))
    with closing(connect(home / DATABASE_NAME)) as conn:
        ensure_schema(conn)
        with writing(conn):
            meta.write(conn, to_meta(ANAS_DEVICE))
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
    """The two figures, each the time over a bare Python's; compiled, as an installed program is."""
    for room in (agent_cli, fieldsync):
        compileall.compile_dir(Path(room.__path__[0]), quiet=1)
    make_device(home)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
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
    return [*results, *_encrypted(home, program, environment)]


def _encrypted(home: Path, program: str, environment: dict[str, str]) -> list[Result]:
    """`today` of an open encrypted device over a plain one, in turns; and one opening with the passphrase."""
    closed = home / "encrypted"
    keys = envelope_opened.make_vault(closed, _PASSPHRASE)
    held_keys.hold(closed, keys)
    make_device(closed)
    if not keeper_client.keep(closed, keys, 5):
        raise RuntimeError("nobody keeps the keys")
    try:
        today = [program, "--home", str(closed), "today"]
        pairs = [
            (_median_ms(today, environment), _median_ms([program, "today"], environment))
            for _ in range(_TURNS)
        ]
    finally:
        keeper_client.forget(closed)
    times = statistics.median(encrypted / plain for encrypted, plain in pairs)
    begun = time.perf_counter()
    envelope_opened.open_envelope(closed, _PASSPHRASE, 0.0)
    opening = time.perf_counter() - begun
    return [
        Result("today.encrypted_times", round(times, 2), "times", {"allowed": 1.3}),
        Result("unlock.seconds", round(opening, 2), "s", {"least": 0.2, "most": 0.5}),
    ]


if __name__ == "__main__":
    run(__doc__, measure)
