"""What every benchmark shares: the disk's own speed, the machine, and one shape of report.

A figure means little without the disk and the machine it was measured on, so both stand beside it.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fieldsync import __version__

_PROBES = 20
_PROBE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Result:
    """One figure; `vs` holds what it was compared with in the same run, by name."""

    name: str
    value: float
    unit: str
    vs: Mapping[str, float] = field(default_factory=dict)


def fsync_probe_ms() -> float:
    """Median milliseconds to write 4 KiB and fsync it, in the temporary folder."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        (Path(scratch) / "probe").open("wb", buffering=0) as file,
    ):
        taken = []
        for _ in range(_PROBES):
            begun = time.perf_counter()
            file.write(b"\0" * _PROBE_BYTES)
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(taken), 3)


def machine() -> dict[str, object]:
    """The machine a figure was measured on."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def run(description: str | None, measure: Callable[[Path], list[Result]]) -> None:
    """A benchmark as a program: `measure` works in an empty folder, `--json` prints for a machine."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", dest="as_json")
    as_json = parser.parse_args().as_json
    report(measure, as_json=as_json)


def report(measure: Callable[[Path], list[Result]], *, as_json: bool) -> None:
    """Measure between two probes of the disk, and print it all; no setting of ours from outside counts."""
    for name in [name for name in os.environ if name.startswith("FIELDSYNC_")]:
        del os.environ[name]
    before = Before(fsync_probe_ms(), load())
    with tempfile.TemporaryDirectory() as scratch:
        emit(measure(Path(scratch)), before, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Before:
    """How the machine stood before anything was measured; `load` is None where the system does not tell."""

    fsync_ms: float
    load: float | None


def load() -> float | None:
    """How many programs wanted to run in the last minute, on average: on a quiet machine almost none."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def emit(
    results: Sequence[Result],
    before: Before,
    *,
    as_json: bool,
    besides: Mapping[str, object] | None = None,
) -> None:
    """Print the figures: `{"results": [...], "fsync_ms": ..., "machine": {...}, ...}`, or lines to read.

    `besides` stands in the JSON alone: what a figure was made of.
    """
    fsync_ms = fsync_probe_ms()
    if as_json:
        document = {
            "results": [asdict(result) for result in results],
            "fsync_before_ms": before.fsync_ms,
            "load_before": before.load,
            "fsync_ms": fsync_ms,
            "machine": machine(),
            "version": __version__,
            "date": time.strftime("%Y-%m-%d"),
            **(besides or {}),
        }
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for result in results:
        beside = ", ".join(f"{name} {value:g}" for name, value in result.vs.items())
        print(f"{result.name}: {result.value:g} {result.unit}" + (f" ({beside})" if beside else ""))
    print(
        f"fsync: {before.fsync_ms:g} ms before, {fsync_ms:g} ms after; load {before.load}; {machine()}"
    )
