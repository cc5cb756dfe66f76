"""The folder that `init` makes: it will hold a case book."""

import os
import stat
from pathlib import Path

from server.workflow.initialise import initialise


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads the borrowers' names out of the store."""
    home = tmp_path / "bank"
    initialise(home, training=True)
    if os.name == "posix":
        assert stat.S_IMODE(home.stat().st_mode) & 0o077 == 0
