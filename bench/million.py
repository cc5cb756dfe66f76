"""Measures that a pull costs what the officer has, not what the bank has: 1,000,000 cases beside 10,000.

Two servers run at once, one over each store, and the same officer with a thousand rows asks them in
turn, so that whatever else the machine does slows both alike.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from bench.filling import FeedBody, fill, fill_feeds, filling, stamp_of
from bench.reader import Reader
from bench.report import Result, run
from bench.running_server import running
from fieldsync.domain.codec import to_json
from server.config import Lender
from server.context import open_server
from server.store.tables import assignments, cases, officers
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise

SMALL, LARGE = 10_000, 1_000_000
_ROWS = 1_000
_READER = "O-000000"
_TURNS = 40


def fill_bank(home: Path, count: int) -> str:
    """A server with that many cases, a thousand to an officer, and their feeds; a code for the reader."""
    initialise(home, training=False, lender=Lender())
    server = open_server(str(home))
    now = server.clock.now()
    people = [f"O-{n:06d}" for n in range(count // _ROWS)]
    with filling(Path(str(server.engine.url.database))) as conn:
        fill(conn, officers, ("officer_id", "branch", "name"), ((o, "B", o) for o in people))
        columns = ("case_id", "branch", "version", "body", "body_hash", "imported_at")
        at = stamp_of(now)
        fill(conn, cases, columns, ((f"C-{n:07d}", "B", 1, "{}", "", at) for n in range(count)))
        given = ((f"A-{n:07d}", f"C-{n:07d}", people[n // _ROWS], at) for n in range(count))
        fill(conn, assignments, ("assignment_id", "case_id", "officer_id", "since"), given)
        fill_feeds(conn, _feeds(people), now)
    code, _until = make_code(server, _READER, timedelta(hours=1))
    server.engine.dispose()
    return code


def _feeds(people: Sequence[str]) -> Iterator[tuple[str, Sequence[FeedBody]]]:
    body = to_json({"text": "x" * 500})
    for place, officer in enumerate(people):
        numbers = range(place * _ROWS, (place + 1) * _ROWS)
        yield officer, [FeedBody(f"case:C-{n:07d}", 1, body) for n in numbers]


def measure(folder: Path) -> list[Result]:
    """The ratio of whole pulls; beside it those of one page and of an exchange with no news."""
    begun = time.perf_counter()
    codes = {count: fill_bank(folder / str(count), count) for count in (SMALL, LARGE)}
    filled = time.perf_counter() - begun
    with ExitStack() as servers:
        programs = [servers.enter_context(running(folder / str(count))) for count in codes]
        readers = [
            Reader(program.url, f"of-{count}", code)
            for program, (count, code) in zip(programs, codes.items(), strict=True)
        ]
        before = [program.cpu_s() for program in programs]
        pulls = _in_turn([reader.pull for reader in readers])
        cpu = [program.cpu_s() - begun for program, begun in zip(programs, before, strict=True)]
        pages = _in_turn([reader.page for reader in readers])
        no_news = _in_turn([reader.no_news for reader in readers])
    compared = {
        "pull_10k_ms": pulls[0],
        "pull_million_ms": pulls[1],
        "server_cpu": cpu[1] / cpu[0] if cpu[0] else 0.0,
        "page": pages[1] / pages[0],
        "nochange": no_news[1] / no_news[0],
        "nochange_million_ms": no_news[1],
        "filling_s": filled,
    }
    ratio = Result(
        "pull.million_over_10k",
        round(pulls[1] / pulls[0], 2),
        "times",
        {name: round(value, 2) for name, value in compared.items()},
    )
    return [ratio]


def _in_turn(works: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of each in its fastest tenth of turns, after one that warms the workers up.

    Whatever else the machine does only slows.
    """
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(_TURNS + 1):
        # Each goes first every other time.
        for place in range(len(works))[:: 1 if turn % 2 else -1]:
            begun = time.perf_counter()
            works[place]()
            if turn:
                taken[place].append((time.perf_counter() - begun) * 1000)
    return [statistics.quantiles(times, n=10)[0] for times in taken]


if __name__ == "__main__":
    run(__doc__, measure)
