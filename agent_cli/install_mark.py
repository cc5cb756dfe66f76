"""A mark of this installation outside its folder, by which an older or copied folder is noticed (G9).

It stands in the user's state folder and says how far the log was at the last exchange. A folder put
back from a backup is behind its mark; one copied to another machine finds no mark, or another's.
Where the state folder cannot be written there is no mark, and only the next exchange would notice.
"""

import json
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from agent_cli.cipher import sqlite3

STATE_VARIABLE = "FIELDSYNC_STATE"
INSTALL = "install_id"


class Doubt(StrEnum):
    """Why the folder may not be what it was at the last exchange."""

    OLDER = "older"
    COPIED = "copied"


def state_folder() -> Path:
    """Where marks stand: by environment, or the system's place for a program's state."""
    told = os.environ.get(STATE_VARIABLE)
    if told:
        return Path(told)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or "~").expanduser() / "fieldsync-state"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/fieldsync-state").expanduser()
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "fieldsync"


def doubt_of(conn: sqlite3.Connection, facts: Mapping[str, str], device_id: str) -> Doubt | None:
    """Whether this folder can be the one that last exchanged; None where it can, or nothing was marked."""
    install_id = facts.get(INSTALL)
    if install_id is None:
        return None
    mark = _read(device_id)
    if mark.get(INSTALL) != install_id:
        return Doubt.COPIED
    if not mark["seq"]:
        return None
    row = conn.execute("SELECT hash FROM journal WHERE seq = ?", (mark["seq"],)).fetchone()
    return None if row is not None and row["hash"] == mark["hash"] else Doubt.OLDER


def write_mark(device_id: str, install_id: str, seq: int, own_hash: str) -> bool:
    """Note how far the log is, as the server has confirmed it; False where nothing can be written here."""
    from fieldsync.adapters.durable import write_whole

    text = json.dumps({INSTALL: install_id, "seq": seq, "hash": own_hash})
    try:
        folder = state_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / f"{device_id}.json", [text.encode()])
    except (OSError, RuntimeError):
        return False
    return True


def _read(device_id: str) -> dict[str, str | int]:
    """The mark, or nothing where it is missing or no longer one."""
    try:
        found = json.loads((state_folder() / f"{device_id}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return {}
    sound = isinstance(found, dict) and {INSTALL, "seq", "hash"} <= found.keys()
    return found if sound else {}
