"""The menu explains itself, and a machine that lacks something is told what in one sentence."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

MAKE_VENV = ROOT / ".ci" / "make-venv"
TARGETS = [
    "help",
    "install",
    "system",
    "demo",
    "test",
    "test-all",
    "check",
    "audit",
    "docs",
    "reference",
    "pins",
    "bench",
    "bench-peers",
    "reliability",
    "fuzz",
    "evidence",
    "clean",
]


def _stub(folder: Path, name: str, script: str) -> None:
    """A program of that name which behaves as told."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _make_venv(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(MAKE_VENV)],
        cwd=folder,
        env={"PATH": f"{folder}{os.pathsep}/usr/bin:/bin", "PYTHON": "a-python"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_help_lists_every_target() -> None:
    """`make` alone says what there is, a line each, and nothing is missing from it."""
    result = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    listed = re.findall(r"^  make ([a-z-]+) +\S.+$", result.stdout, re.MULTILINE)
    assert listed == TARGETS
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    assert phony[1].split() == TARGETS


def test_no_python_is_said(tmp_path: Path) -> None:
    """Without Python the message names it and how to point to one."""
    result = _make_venv(tmp_path)
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed and 'a-python' was not found" in result.stderr


def test_an_old_python_is_said(tmp_path: Path) -> None:
    """With an old Python the message names its version."""
    _stub(tmp_path, "a-python", '[ "$1" = -V ] && echo Python 3.9.2 && exit 0; exit 1')
    result = _make_venv(tmp_path)
    assert result.returncode == 1
    assert "'a-python' is 3.9.2" in result.stderr


@pytest.mark.parametrize("uid", ["0", "1000"])
def test_a_missing_venv_module_is_named_or_installed(tmp_path: Path, uid: str) -> None:
    """Debian splits venv off: a person is told the package, root has it installed."""
    _stub(
        tmp_path,
        "a-python",
        'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac; exit 0',
    )
    _stub(tmp_path, "id", f"echo {uid}")
    _stub(tmp_path, "apt-get", 'echo "apt-get $*"')
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    _stub(tmp_path / ".venv" / "bin", "python", "exit 0")
    result = _make_venv(tmp_path)
    if uid == "0":
        assert result.returncode == 0
        assert "install -y -qq python3.11-venv" in result.stderr
    else:
        assert result.returncode == 1
        assert "sudo apt-get install python3.11-venv" in result.stderr


def test_continuous_integration_runs_the_tests() -> None:
    """`.ci/run` is what a person runs: `make test`."""
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test")
    assert os.access(script, os.X_OK)
