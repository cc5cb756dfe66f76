"""Writers and a reader at the same time on PostgreSQL: no feed row is ever passed over.

The same run with positions from a plain sequence must lose rows; otherwise it would prove nothing.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, text

from fieldsync.sync.feed import FeedOp, FeedRow
from server.store.engine import open_engine, reading, writing
from server.store.feed import AgentChange, publish
from server.store.retrying import retried
from server.store.tables import agent_feed

AGENT = "E1001"
WRITERS = 4
ROWS_EACH = 40
LOOKS = 5000
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
Number = Callable[[Connection, str], None]


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """A fresh PostgreSQL store."""
    opened = open_engine(postgresql_url)
    yield opened
    opened.dispose()


def by_counter(conn: Connection, key: str) -> None:
    """As the product does it."""
    publish(conn, [AgentChange(AGENT, FeedRow(key, FeedOp.PUT, 1, {}))], AT)


def by_sequence(conn: Connection, key: str) -> None:
    """The obvious way: a sequence, which gives a number out long before the commit shows its row."""
    number = conn.execute(text("SELECT nextval('naive')")).scalar_one()
    conn.execute(
        insert(agent_feed).values(
            agent=AGENT, key=key, fseq=number, op="PUT", version=1, body="{}", at=AT
        )
    )


@dataclass(slots=True)
class Reader:
    """Follows the feed as a device does: everything after the highest position it has seen."""

    engine: Engine
    cursor: int = 0
    seen: set[str] = field(default_factory=set)

    def read(self) -> None:
        """One pull."""
        with reading(self.engine) as conn:
            rows = conn.execute(
                select(agent_feed.c.key, agent_feed.c.fseq)
                .where(agent_feed.c.agent == AGENT, agent_feed.c.fseq > self.cursor)
                .order_by(agent_feed.c.fseq)
            ).all()
        self.seen |= {row.key for row in rows}
        self.cursor = max([self.cursor, *(row.fseq for row in rows)])


def _write_all(engine: Engine, writer: int, number: Number) -> None:
    """Transactions that stay open for 0 to 6 ms after their feed row; the database itself waits."""

    @retried
    def write(key: str, pause_s: float) -> None:
        with writing(engine) as conn:
            number(conn, key)
            conn.execute(select(func.pg_sleep(pause_s)))

    for index in range(ROWS_EACH):
        write(f"case:{writer}-{index}", ((writer * 7 + index * 3) % 5) * 0.0015)


def _never_seen(engine: Engine, number: Number) -> int:
    """How many rows a reader passes over while the writers are at work, and never sees after."""
    reader, done = Reader(engine), threading.Event()

    def follow() -> None:
        while not done.is_set():
            reader.read()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following = pool.submit(follow)
        writing_ones = [
            pool.submit(_write_all, engine, writer, number) for writer in range(WRITERS)
        ]
        try:
            for one in writing_ones:
                one.result()
        finally:
            done.set()
        following.result()
    reader.read()
    return WRITERS * ROWS_EACH - len(reader.seen)


def test_a_reader_sees_every_row(engine: Engine) -> None:
    """Late positions from the agent's counter: whatever commits when, nothing is passed over."""
    assert _never_seen(engine, by_counter) == 0
    with reading(engine) as conn:
        positions = conn.execute(select(agent_feed.c.fseq).order_by(agent_feed.c.fseq)).scalars()
        assert list(positions) == list(range(1, WRITERS * ROWS_EACH + 1))


def test_a_sequence_would_lose_rows(engine: Engine) -> None:
    """The self-check: the same writers and reader, numbered by a sequence, pass rows over."""
    with writing(engine) as conn:
        conn.execute(text("CREATE SEQUENCE naive"))
    assert _never_seen(engine, by_sequence) > 0


def test_a_late_commit_is_not_passed_over(engine: Engine) -> None:
    """Step by step: who has a position but no commit yet keeps the next writer of that agent waiting."""
    reader = Reader(engine)
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as first:
            by_counter(first, "case:first")
            second = pool.submit(_publish, engine, "case:second")
            _until_waiting(engine)
            reader.read()
            assert reader.seen == set()
        second.result()
    reader.read()
    assert reader.seen == {"case:first", "case:second"}


def _publish(engine: Engine, key: str) -> None:
    with writing(engine) as conn:
        by_counter(conn, key)


def _until_waiting(engine: Engine) -> None:
    """Until some transaction waits for another's lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(LOOKS):
        with reading(engine) as conn:
            if conn.execute(query).scalar():
                return
    raise AssertionError("nobody waits")
