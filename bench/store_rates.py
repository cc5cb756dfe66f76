"""Measures one store behind a real server: pushes beside their ceiling, a first pull, exchanges with no news."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.reader import Reader
from bench.report import Result
from bench.running_server import running
from bench.sync_load import Load, push_seconds
from fieldsync.domain.officer import Officer
from fieldsync.sync.feed import FeedOp, FeedRow
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
_OFFICERS = 8
_READER = "B0007"
_CEILING_OPERATIONS = 2_000
# Push and ceiling take turns, and the better of each counts: whatever else the machine does only slows.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Push:
    """How many operations, how many in a batch, from how many devices at once."""

    operations: int
    batch: int
    clients: int

    @property
    def name(self) -> str:
        """As the figure is called."""
        return f"b{self.batch}.c{self.clients}"


# Before anything is measured: both workers have imported and asked everything once.
WARMING = Push(800, 50, 4)
PUSHES = (
    Push(5_000, 100, 1),
    Push(10_000, 100, 2),
    Push(10_000, 100, 8),
    Push(500, 1, 1),
    Push(1_000, 1, 2),
)


@dataclass(frozen=True, slots=True)
class Store:
    """A store by its name in the figures, its URL (empty: the file in the folder), and its ceiling.

    `ceiling` tells operations a second for a batch and a count.
    """

    name: str
    url: str
    ceiling: Callable[[int, int], float]


def store_figures(home: Path, store: Store, pushes: Sequence[Push] = PUSHES) -> list[Result]:
    """Every figure of one store, against one fresh server of two workers."""
    initialise(home, training=False, lender=Lender(), database=store.url)
    server = open_server(str(home))
    staff(server)
    with running(home) as program:
        results = [
            *_pushes(server, store, program.url, pushes),
            *_pulls(server, store, program.url),
        ]
    server.engine.dispose()
    return results


def staff(server: ServerContext) -> None:
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


def _pushes(server: ServerContext, store: Store, url: str, pushes: Sequence[Push]) -> list[Result]:
    rate_of(server, url, WARMING)
    results = []
    for push in pushes:
        rates, ceilings = [], []
        for _ in range(ROUNDS):
            rates.append(rate_of(server, url, push))
            ceilings.append(store.ceiling(push.batch, min(push.operations, _CEILING_OPERATIONS)))
        rate, ceiling = max(rates), max(ceilings)
        compared = {"ceiling": round(rate / ceiling, 3), "ceiling_per_s": round(ceiling)}
        name = f"push.{store.name}.{push.name}"
        results.append(Result(name, round(rate), "operations/s", compared))
    return results


def rate_of(server: ServerContext, url: str, push: Push) -> float:
    """Operations a second, from the first request to the last receipt."""
    share = push.operations // push.clients
    loads = [
        Load(url, _code(server, f"B{n:04d}"), f"C-{n}", share, push.batch)
        for n in range(push.clients)
    ]
    return push.operations / push_seconds(loads)


def _code(server: ServerContext, officer: str) -> str:
    return make_code(server, officer, timedelta(hours=1))[0]


def _pulls(server: ServerContext, store: Store, url: str) -> list[Result]:
    """A first pull of ten thousand rows, then exchanges in which nothing is new."""
    body = {"text": "x" * 500}
    rows = [AgentChange(_READER, FeedRow(f"case:X-{n}", FeedOp.PUT, 1, body)) for n in range(_ROWS)]
    with writing(server.engine) as conn:
        publish(conn, rows, server.clock.now())
    reader = Reader(url, f"reader-{store.name}", _code(server, _READER))
    rate = reader.pull() / reader.pull_ms() * 1000
    no_news = "sync.nochange_ms" if store.name == "sqlite" else f"sync.{store.name}.nochange_ms"
    return [
        Result(f"pull.{store.name}", round(rate), "rows/s"),
        Result(no_news, round(reader.no_news_ms(), 2), "ms"),
    ]
