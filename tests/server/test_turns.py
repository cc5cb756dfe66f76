"""Many writers on one SQLite store: each gets its turn, and a turn ends however its transaction ends."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from server.store.engine import open_engine, reading, writing
from server.store.migrate import migrate
from server.store.tables import meta

_WRITERS, _WRITES = 8, 25


def test_every_writer_gets_its_turn(tmp_path: Path) -> None:
    """Eight threads that write without a pause all end, and nothing of theirs is missing."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)

    def write(writer: int) -> None:
        for number in range(_WRITES):
            with writing(engine) as conn:
                conn.execute(insert(meta).values(name=f"{writer}.{number}", value=""))

    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(write, range(_WRITERS)))
    with reading(engine) as conn:
        assert len(conn.execute(select(meta.c.name)).all()) == _WRITERS * _WRITES
    engine.dispose()


def test_a_failed_write_gives_its_turn_back(tmp_path: Path) -> None:
    """After an error inside a transaction the next writer is served, and the failed one left nothing."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)

    def fail_half_way() -> None:
        with writing(engine) as conn:
            conn.execute(insert(meta).values(name="half", value=""))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with writing(engine) as conn:
        conn.execute(insert(meta).values(name="whole", value=""))
    with reading(engine) as conn:
        assert conn.execute(select(meta.c.name)).scalars().all() == ["whole"]
    engine.dispose()
