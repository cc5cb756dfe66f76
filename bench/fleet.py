"""Measures a fleet's morning: ten thousand devices fetch thirty stops each from two workers.

Every request is signed, over a connection of its own; every device checks the receipt and the digest
of its rows. Four devices at a time fetch in each of two processes. The memory that the workers take
is told before, after the first two hundred devices, and after the last.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.fleet_devices import THREADS, Fetched, Share, fetch_all
from bench.fleet_store import fill_fleet
from bench.report import Result, report
from bench.running_server import Running, running
from server.security.text_keys import public_text

DEVICES = 10_000
_PROCESSES = 2
_WARM = 200
_ERRORS_SHOWN = 3


def measure(folder: Path, count: int) -> list[Result]:
    """The morning of `count` devices, after that of two hundred others who warm the server up."""
    home = folder / "bank"
    begun = time.perf_counter()
    server = fill_fleet(home, count + _WARM)
    key = public_text(server.keys.receipt)
    server.engine.dispose()
    filled = time.perf_counter()
    with (
        running(home) as program,
        ProcessPoolExecutor(_PROCESSES, multiprocessing.get_context("spawn")) as processes,
    ):
        started = time.perf_counter()
        memory = [program.memory_mb()]
        _fetch(processes, program, key, range(count, count + _WARM))
        memory.append(program.memory_mb())
        begun_fetching, cpu = time.perf_counter(), program.cpu_s()
        fetched = _fetch(processes, program, key, range(count))
        seconds = time.perf_counter() - begun_fetching
        server_cpu_ms = (program.cpu_s() - cpu) / count * 1000
        memory.append(program.memory_mb())
    beside = {
        "filling_s": filled - begun,
        "starting_s": started - filled,
        "server_cpu_ms_a_device": server_cpu_ms,
    }
    return _results(count, fetched, seconds, memory, beside)


def _fetch(
    processes: ProcessPoolExecutor, program: Running, key: str, numbers: range
) -> list[Fetched]:
    shares = [Share(program.url, key, numbers[n::_PROCESSES]) for n in range(_PROCESSES)]
    return [one for part in processes.map(fetch_all, shares) for one in part]


def _results(
    count: int,
    fetched: list[Fetched],
    seconds: float,
    memory: list[float],
    beside: dict[str, float],
) -> list[Result]:
    errors = [one.error for one in fetched if one.error]
    for error in errors[:_ERRORS_SHOWN]:
        print(error, file=sys.stderr)
    waited = [one.ms for one in fetched]
    name = f"fleet.{count}"
    rows = sum(one.rows for one in fetched)
    told = {"rows": rows, "devices_per_s": count / seconds} | beside
    _start, warm, end = memory
    return [
        Result(
            f"{name}_seconds", round(seconds, 1), "s", {k: round(v, 1) for k, v in told.items()}
        ),
        Result(f"{name}_errors", len(errors), "errors"),
        Result("fleet.p50_ms", round(statistics.median(waited), 1), "ms", {"at_once": _at_once()}),
        Result("fleet.p99_ms", round(statistics.quantiles(waited, n=100)[98], 1), "ms"),
        Result(
            "fleet.rss_growth_mb",
            round(end - warm, 1),
            "MB",
            dict(
                zip(("start_mb", "warm_mb", "end_mb"), (round(mb, 1) for mb in memory), strict=True)
            ),
        ),
    ]


def _at_once() -> int:
    return _PROCESSES * THREADS


def main() -> None:
    """The benchmark as a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--devices", type=int, default=DEVICES, metavar="N")
    asked = parser.parse_args()
    report(lambda folder: measure(folder, asked.devices), as_json=asked.as_json)


if __name__ == "__main__":
    main()
