"""Measures what the audit log's tree costs a push: the same server with it and without, in turns."""

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.report import Result, run
from bench.running_server import PROGRAM, running
from bench.store_rates import WARMING, Push, rate_of, staff
from server.config import Lender
from server.context import ServerContext, open_server
from server.workflow.initialise import initialise
from tests.server.postgresql import running_cluster

# The program as it would be with no audit log at all: nothing is watched, no line is written.
_WITHOUT = (
    sys.executable,
    "-c",
    "import server.store.engine as e; e.watch = e.seal = lambda *_: None; import server.cli as c; c.main()",
)
_PUSHES = (Push(4_000, 100, 1), Push(8_000, 100, 8), Push(500, 1, 1), Push(1_000, 1, 8))
_ROUNDS = 5


def measure(folder: Path) -> list[Result]:
    """The share of a push's time that the audit log takes, on both stores."""
    results = _shares(folder / "sqlite", "sqlite", "", "")
    # Not in the benchmark's own folder, which only we may enter: PostgreSQL may run as another user.
    with (
        tempfile.TemporaryDirectory(prefix="fieldsync-postgres-") as scratch,
        running_cluster(Path(scratch)) as cluster,
    ):
        urls = [cluster.url(cluster.make_database()) for _ in range(2)]
        results += _shares(folder / "postgres", "postgres", *urls)
    return results


def _shares(folder: Path, name: str, url: str, url_without: str) -> list[Result]:
    results = []
    with ExitStack() as servers:
        audited, at = _server(folder / "audited", url, servers)
        bare, bare_at = _server(folder / "bare", url_without, servers, _WITHOUT)
        for server, where in ((audited, at), (bare, bare_at)):
            rate_of(server, where, WARMING)
        for push in _PUSHES:
            pairs = [
                (rate_of(audited, at, push), rate_of(bare, bare_at, push)) for _ in range(_ROUNDS)
            ]
            share = statistics.median(1 - with_it / without for with_it, without in pairs)
            compared = {
                "with_per_s": round(statistics.median(one for one, _ in pairs)),
                "without_per_s": round(statistics.median(one for _, one in pairs)),
            }
            figure = f"audit.push_share.{name}.{push.name}"
            results.append(Result(figure, round(share * 100, 1), "%", compared))
    return results


def _server(
    home: Path, url: str, servers: ExitStack, program: tuple[str, ...] = PROGRAM
) -> tuple[ServerContext, str]:
    """A fresh server, serving until the stack is closed, and where."""
    home.parent.mkdir(exist_ok=True)
    initialise(home, training=False, lender=Lender(), database=url)
    server = open_server(str(home))
    servers.callback(server.engine.dispose)
    staff(server)
    return server, servers.enter_context(running(home, program=program)).url


if __name__ == "__main__":
    run(__doc__, measure)
