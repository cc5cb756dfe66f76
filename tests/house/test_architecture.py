"""Imports run one way: the contracts in pyproject.toml hold, and each kind of breach is caught."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_cli.main import TABLE as FIELD
from fieldsync.terminal.lazy_group import CommandEntry
from server.cli import TABLE as SERVER
from tests.house.tree import ROOMS, ROOT

BREACHES = {
    "a pure room reads a file": (
        "fieldsync/conduct/planted.py", "from pathlib import Path", "Rooms that decide"),
    "a pure room asks the clock": (
        "fieldsync/domain/planted.py", "import time", "Rooms that decide"),
    "a pure room imports inside a function": (
        "fieldsync/sync/planted.py", "def f() -> None:\n    import requests", "Rooms that decide"),
    "a pure room hides an import from the run": (
        "fieldsync/planner/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sqlite3",
        "Rooms that decide"),
    "siblings meet": (
        "fieldsync/agreements/planted.py", "import fieldsync.conduct", "Inside the core"),
    "the core looks up": (
        "fieldsync/domain/planted.py", "import fieldsync.schemas", "Inside the core"),
    "a new room appears": ("fieldsync/planted.py", "", "Inside the core"),
    "the core imports a program": ("fieldsync/adapters/planted.py", "import server", "Both programs"),
    "the device imports the server": (
        "agent_cli/actions/planted.py", "import server.config", "Both programs"),
    "the server imports the device": (
        "server/workflow/planted.py", "import agent_cli.store", "Both programs"),
    "the line imports a border": (
        "server/workflow/planted.py", "import server.commands", "The server"),
    "a command imports another": (
        "server/commands/doctor.py", "import server.commands.init", "No command of fieldsync-server"),
    "the network outside its module": (
        "agent_cli/actions/planted.py", "import requests", "On the device only"),
    "a library outside its adapter": (
        "server/workflow/planted.py", "import pyvrp", "A library behind a port"),
    "a statement at the border": (
        "server/api/planted.py", "import server.store.tables", "Statements stand"),
}  # fmt: skip


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three packages and their contracts, where a breach may be planted."""
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept() -> None:
    """The tree as it stands breaks no contract."""
    result = _lint(ROOT)
    broken = [line for line in result.stdout.splitlines() if "BROKEN" in line]
    assert (broken, result.returncode) == ([], 0), result.stdout[-2000:] + result.stderr[-2000:]


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_caught(copy: Path, breach: str) -> None:
    """Each planted breach breaks the contract that is there for it."""
    name, code, contract = BREACHES[breach]
    planted = copy / name
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.write_text(f'"""Planted by a test."""\n\n{code}\n', encoding="utf-8")
    try:
        result = _lint(copy)
    finally:
        planted.unlink()
        if before is not None:
            planted.write_text(before, encoding="utf-8")
    assert result.returncode != 0
    said = [line for line in result.stdout.splitlines() if line.startswith(contract)]
    assert any("BROKEN" in line for line in said) or (
        "a new room" in breach and "planted" in result.stdout
    ), result.stdout[-2000:]


@pytest.mark.parametrize(
    ("contract", "table"), [("server-commands", SERVER), ("agent-commands", FIELD)]
)
def test_the_contract_knows_every_command(contract: str, table: Mapping[str, CommandEntry]) -> None:
    """A command that is added to a table is added to the contract that keeps commands apart."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    (modules,) = (c["modules"] for c in linter["contracts"] if c["id"] == contract)
    assert modules == sorted(entry.module for entry in table.values())
