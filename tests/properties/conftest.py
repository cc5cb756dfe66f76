"""A branch set up once on each store, to be copied for every run of the state machine."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.properties.branch import make_template
from tests.properties.machine import Template
from tests.server.postgresql import running_cluster


@pytest.fixture(scope="session")
def sqlite_branch(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The branch on SQLite."""
    folder = tmp_path_factory.mktemp("branch")
    make_template(folder)
    return Template(folder)


@pytest.fixture(scope="session")
def postgresql_branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The branch on a PostgreSQL of its own."""
    folder = tmp_path_factory.mktemp("branch-on-postgresql")
    with (
        tempfile.TemporaryDirectory(prefix="fieldsync-postgresql-") as data,
        running_cluster(Path(data)) as cluster,
    ):
        yield Template(folder, cluster, make_template(folder, cluster))
