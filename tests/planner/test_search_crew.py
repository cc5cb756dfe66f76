"""The processes of a search end with the program that started them, however it ends."""

import os
import select
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import multiprocessing, sys
import pyvrp
from fieldsync.adapters.search_crew import SearchCrew
from fieldsync.adapters.search_strand import Strand

if __name__ == "__main__":
    model = pyvrp.Model()
    spot = model.add_location(0, 0)
    depot = model.add_depot(spot)
    model.add_vehicle_type(start_depot=depot, end_depot=depot)
    model.add_client(spot, prize=10, required=False)
    model.add_edge(spot, spot, 0, 0)
    with SearchCrew(model.data(), 2) as crew:
        crew.run([Strand(seed, 1, 5.0) for seed in (1, 2)], lambda: False)
        print(*(one.pid for one in multiprocessing.active_children()), flush=True)
        sys.stdin.read()
"""


def test_workers_leave_with_a_program_that_was_killed(tmp_path: Path) -> None:
    """Killed outright, with no time to say goodbye: no worker is left behind."""
    script = tmp_path / "search.py"
    script.write_text(_PROGRAM, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as program:
        assert program.stdout is not None
        workers = [os.pidfd_open(int(pid)) for pid in program.stdout.readline().split()]
        assert len(workers) == 2
        program.kill()
    for worker in workers:
        ended, _, _ = select.select([worker], [], [], 30)
        assert ended == [worker]
        os.close(worker)
