"""A server set up in a folder of the test, its clock standing still, with two branches' officers."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from fieldsync.domain.officer import Officer
from server.context import ServerContext, open_server
from server.store.engine import writing
from server.store.tables import officers
from server.workflow.initialise import initialise
from tests.fakes import FixedClock


@pytest.fixture
def server_home(tmp_path: Path) -> Path:
    """The folder of a fresh server."""
    home = tmp_path / "bank"
    initialise(home, training=False)
    return home


@pytest.fixture
def server(server_home: Path, clock: FixedClock) -> Iterator[ServerContext]:
    """The server's context on a real SQLite file, with the test's clock; nobody works there yet."""
    context = dataclasses.replace(open_server(str(server_home)), clock=clock)
    yield context
    context.engine.dispose()


@pytest.fixture
def staffed(server: ServerContext, ana: Officer, ben: Officer, cy: Officer) -> ServerContext:
    """The same server, where Ana and Ben work at one branch and Cy at another."""
    with writing(server.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ana, ben, cy)])
    return server
