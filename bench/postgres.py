"""Measures the same exchange against a server whose store is a PostgreSQL of the benchmark's own."""

import tempfile
from functools import partial
from pathlib import Path

from bench.ceiling import postgres_ceiling
from bench.report import Result, run
from bench.store_rates import Store, store_figures
from tests.server.postgresql import running_cluster


def measure(folder: Path) -> list[Result]:
    """Pushes, a pull and exchanges with no news; every commit waits for the disk."""
    # Not in the benchmark's own folder, which only we may enter: PostgreSQL may run as another user.
    with (
        tempfile.TemporaryDirectory(prefix="fieldsync-postgres-") as scratch,
        running_cluster(Path(scratch)) as cluster,
    ):
        url = cluster.url(cluster.make_database())
        store = Store(
            "postgres", url, partial(postgres_ceiling, cluster.url(cluster.make_database()))
        )
        return store_figures(folder / "bank", store)


if __name__ == "__main__":
    run(__doc__, measure)
