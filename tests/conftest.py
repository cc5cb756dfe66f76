"""What every test may ask for: the cast, a clock that stands still, randomness that repeats.

Sockets are closed except on loopback (`addopts` in pyproject.toml), so that no test can lean on a
network by accident.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from agent_cli.install_mark import STATE_VARIABLE
from fieldsync import locale
from fieldsync.domain.officer import Officer
from tests.device_files import prepare
from tests.fakes import FixedClock, SeededRandomness

ROOT = Path(__file__).parent.parent

# Where proofs of guarantees write down what they did, for docs/reliability.md; nowhere where it is unset.
RELIABILITY_VARIABLE = "FIELDSYNC_RELIABILITY"

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Build the catalogues once, before any worker starts, and choose the hypothesis profile."""
    settings.load_profile("ci" if os.environ.get("CI") else "desk")
    prepare()
    # No test leaves a device's mark in the state folder of whoever runs it.
    os.environ.setdefault(STATE_VARIABLE, str(Path(tempfile.gettempdir()) / "fieldsync-tests"))
    if not hasattr(config, "workerinput"):
        builder = ROOT / "fieldsync" / "locale" / "build_catalogues.py"
        built = subprocess.run(
            [sys.executable, str(builder)], capture_output=True, encoding="utf-8", check=False
        )
        if built.returncode:
            raise pytest.UsageError(built.stderr.strip().splitlines()[-1])


def pytest_runtest_setup() -> None:
    """The demo takes every setting of ours out of the environment; the next test needs these again."""
    prepare()


class Proven(Protocol):
    """Tells what a test has shown: guarantees by number, faults injected, steps taken, its seed."""

    def __call__(
        self, guarantees: Sequence[str], *, faults: int, steps: int, seed: int | None = None
    ) -> None:
        """Write it down where `docs/generate_reliability.py` asked for it."""


@pytest.fixture
def proven(request: pytest.FixtureRequest) -> Proven:
    """A way to write down what this test has shown, once it has."""

    def tell(
        guarantees: Sequence[str], *, faults: int, steps: int, seed: int | None = None
    ) -> None:
        folder = os.environ.get(RELIABILITY_VARIABLE)
        if not folder:
            return
        name = request.node.name
        module = Path(str(request.node.path)).relative_to(ROOT).as_posix()
        told: dict[str, object] = {"guarantee": list(guarantees), "name": f"{module}::{name}"}
        told |= {"faults": faults, "steps": steps, "seed": seed}
        path = Path(folder) / f"{Path(module).stem}-{name}.json".replace("/", "-")
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    return tell


@pytest.fixture
def ana() -> Officer:
    """Ana, the officer whose day it is."""
    return Officer("E1001", "Ana Lin", "SZ-NANSHAN")


@pytest.fixture
def ben() -> Officer:
    """Ben, her second officer and supervisor at the branch."""
    return Officer("E1002", "Ben Zhou", "SZ-NANSHAN")


@pytest.fixture
def cy() -> Officer:
    """Cy, the outsider: an officer of another branch, who may see none of it."""
    return Officer("E2001", "Cy Wu", "SZ-FUTIAN")


@pytest.fixture
def clock() -> FixedClock:
    """Ten in the morning of Tuesday, 24 November 2026, in Shenzhen."""
    return FixedClock(datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def randomness() -> SeededRandomness:
    """Bytes that are the same in every run."""
    return SeededRandomness()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test begins and ends in English, whatever the last one chose or the machine speaks."""
    before = {name: os.environ.pop(name, None) for name in ("LANGUAGE", "LC_ALL", "LANG")}
    locale.set_language("en")
    yield
    locale.set_language("en")
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
