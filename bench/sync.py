"""Measures the exchange: both stores beside their ceilings, a million cases, and a working day on the wire.

The other parts are programs of their own too: `bench/postgres.py`, `bench/million.py`, `bench/wire.py`.
"""

from functools import partial
from pathlib import Path

from bench import million, postgres, wire
from bench.ceiling import sqlite_ceiling
from bench.report import Result, run
from bench.store_rates import Store, store_figures


def measure(folder: Path) -> list[Result]:
    """Every figure of the exchange, one after the other."""
    results = store_figures(folder / "bank", Store("sqlite", "", partial(sqlite_ceiling, folder)))
    for part in (postgres, million, wire):
        room = folder / part.__name__
        room.mkdir()
        results += part.measure(room)
    return results


if __name__ == "__main__":
    run(__doc__, measure)
