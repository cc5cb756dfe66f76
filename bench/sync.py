"""Measures the exchange against a real server: pushes, a pull, an exchange with nothing new, and the ceiling.

The ceiling is what no framework can beat: verify each signature, insert, commit, one process.
"""

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.report import Result, run
from bench.sync_load import Load, device_on, notes, push_seconds
from fieldsync.domain import base64url
from fieldsync.domain.officer import Officer
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.operation import chain_hash, genesis_hash, signing_input
from server.config import Lender
from server.context import ServerContext, open_server
from server.store.assignments import assign
from server.store.cases import save_bank_parts
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from server.store.tables import officers
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.share_cases import share_cases
from tests.server.case_files import case_file

_ROWS = 10_000
_EXCHANGES = 50
_OFFICERS = 8
# (name, operations in all, in a batch, clients)
_PUSHES = (
    ("push.sqlite.b100.c1", 5_000, 100, 1),
    ("push.sqlite.b100.c2", 10_000, 100, 2),
    ("push.sqlite.b100.c8", 10_000, 100, 8),
    ("push.sqlite.b1.c1", 500, 1, 1),
    ("push.sqlite.b1.c2", 1_000, 1, 2),
)


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    """A running `fieldsync-server run` and its address."""
    program = [sys.executable, "-c", "from server.cli import main; main()"]
    run_file = home / "run.json"
    with (home / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*program, "--home", str(home), "run", "--port", "0"], stdout=log, stderr=log
        )
    try:
        while not run_file.exists():
            if process.poll() is not None:
                raise RuntimeError((home / "server.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield json.loads(run_file.read_text(encoding="utf-8"))["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _staff(server: ServerContext) -> None:
    """Eight officers, each with a case."""
    now = server.clock.now()
    people = [Officer(f"B{n:04d}", f"Officer {n}", "SZ-NANSHAN") for n in range(_OFFICERS)]
    with writing(server.engine) as conn:
        conn.execute(
            insert(officers),
            [{"officer_id": p.officer_id, "name": p.name, "branch": p.branch} for p in people],
        )
        files = [case_file(f"C-{n}") for n in range(_OFFICERS)]
        save_bank_parts(conn, files, now)
        for person, case in zip(people, files, strict=True):
            assign(conn, server.new_id(), case.case_id, person.officer_id, now)
        publish(conn, share_cases(conn, [case.case_id for case in files]), now)


def _code(server: ServerContext, number: int) -> str:
    return make_code(server, f"B{number:04d}", timedelta(hours=1))[0]


def _ceiling(folder: Path, batch: int, count: int) -> float:
    """Operations a second when a loop verifies, inserts and commits in SQLite FULL, and no more."""
    device = device_on("http://127.0.0.1:9", "ceiling")
    notes(device, "C-0", count)
    key, head = device.operation_key.public_key(), genesis_hash(device.device_id)
    signatures = [base64url.decode(signed.sig) for signed in device.journal]
    with closing(sqlite3.connect(folder / "ceiling.db", isolation_level=None)) as conn:
        conn.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        conn.execute("CREATE TABLE IF NOT EXISTS ops (hash TEXT PRIMARY KEY, body TEXT, sig BLOB)")
        conn.execute("DELETE FROM ops")
        begun = time.perf_counter()
        for begin in range(0, count, batch):
            rows = []
            for place in range(begin, min(begin + batch, count)):
                body = device.journal[place].body
                head = chain_hash(head, body)
                key.verify(signatures[place], signing_input(head))
                rows.append((head, body, signatures[place]))
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO ops VALUES (?, ?, ?)", rows)
            conn.execute("COMMIT")
        return count / (time.perf_counter() - begun)


def _pushes(server: ServerContext, url: str, folder: Path) -> list[Result]:
    results = []
    for name, count, batch, clients in _PUSHES:
        loads = [
            Load(url, _code(server, n), f"C-{n}", count // clients, batch) for n in range(clients)
        ]
        rate = count / push_seconds(loads)
        ceiling = _ceiling(folder, batch, min(count, 2_000))
        compared = {"ceiling": round(rate / ceiling, 3), "ceiling_per_s": round(ceiling)}
        results.append(Result(name, round(rate), "operations/s", compared))
    return results


def _pulls(server: ServerContext, url: str) -> list[Result]:
    """A first pull of ten thousand rows, then exchanges in which nothing is new."""
    body = {"text": "x" * 500}
    rows = [AgentChange("B0007", FeedRow(f"case:X-{n}", FeedOp.PUT, 1, body)) for n in range(_ROWS)]
    with writing(server.engine) as conn:
        publish(conn, rows, server.clock.now())
    device = device_on(url, "reader")
    device.enrol(_code(server, 7))
    begun = time.perf_counter()
    pulled, complete = 0, False
    while not complete:
        answer = device.sync()
        pulled, complete = pulled + len(answer.changes), answer.complete
    rate = pulled / (time.perf_counter() - begun)
    taken = []
    for _ in range(_EXCHANGES):
        begun = time.perf_counter()
        device.sync()
        taken.append((time.perf_counter() - begun) * 1000)
    return [
        Result("pull.sqlite", round(rate), "rows/s"),
        Result("sync.nochange_ms", round(statistics.median(taken), 2), "ms"),
    ]


def measure(folder: Path) -> list[Result]:
    """Every figure against one server of two workers."""
    home = folder / "bank"
    initialise(home, training=False, lender=Lender())
    server = open_server(str(home))
    _staff(server)
    with _serving(home) as url:
        results = [*_pushes(server, url, folder), *_pulls(server, url)]
    server.engine.dispose()
    return results


if __name__ == "__main__":
    os.environ.pop("FIELDSYNC_TRAINING_CLOCK", None)
    run(__doc__, measure)
