"""PgBouncer in transaction mode before a PostgreSQL of the tests' own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server.postgresql import Cluster, as_nobody_special, free_port, give_away, wait_for

_SETTINGS = """\
[databases]
* = host=127.0.0.1 port={behind} user=keeper
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""


@contextmanager
def running_pooler(cluster: Cluster, folder: Path) -> Iterator[int]:
    """A pooler that hands each transaction to any of three server processes; its port."""
    port = free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(_SETTINGS.format(behind=cluster.port, port=port), encoding="utf-8")
    give_away(folder)
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            as_nobody_special([program, str(settings)]), stdout=log, stderr=log
        )
    try:
        wait_for(port, folder / "log")
        yield port
    finally:
        process.kill()
        process.wait(30)
