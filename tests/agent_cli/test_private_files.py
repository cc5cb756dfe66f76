"""What the field program writes is its officer's alone: no other user of the machine reads it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent_cli.made_up import Device


def test_the_folder_is_private_whatever_made_it(tmp_path: Path) -> None:
    """A setting that is stored before the device is enrolled makes the folder, for its officer alone."""
    home = tmp_path / "device"
    assert Device(home).run("config", "set", "language", "en").exit_code == 0
    if os.name == "posix":
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(
    os.name != "posix", reason="Windows has no such bits; its profile folder is private"
)
def test_files_it_writes_out_are_private(tmp_path: Path) -> None:
    """The real program under a generous umask: even its settings are closed to others."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.umask(0o022); from agent_cli.main import main; main()",
            "--home",
            str(tmp_path / "device"),
            "config",
            "set",
            "language",
            "en",
        ],
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert told.returncode == 0, told.stderr
    written = [path for path in (tmp_path / "device").rglob("*") if path.is_file()]
    assert written
    assert [path for path in written if path.stat().st_mode & 0o077] == []
