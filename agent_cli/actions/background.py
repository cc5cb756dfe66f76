"""Starts a background sync that outlives its terminal, and ends it again."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agent_cli.actions.ending import STOP_NAME
from agent_cli.actions.watch import already_watched
from agent_cli.store.locks import WATCH_LOCK, holding, is_held
from fieldsync.errors import LocalCopyError
from fieldsync.locale import language
from fieldsync.words import words

# What a watch says before it has its log; one start's worth.
OUTPUT_NAME = "sync.start.log"
_START_S = 30.0
_LOOK_S = 0.1
_STOP_S = 60.0
_PROGRAM = "from agent_cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Started:
    """A background sync by its process number; `exit_code` where it was over at once: see `last_words`."""

    pid: int
    exit_code: int | None = None


def start(home: Path, every_s: int) -> Started:
    """Start it, and wait until it is at work or over.

    ConflictError 602.42 where this device is watched already.
    """
    if is_held(home / WATCH_LOCK):
        raise already_watched()
    process = _detached(home.resolve(), every_s)
    waited_s = 0.0
    while waited_s < _START_S:
        if is_held(home / WATCH_LOCK):
            return Started(process.pid)
        try:
            process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            waited_s += _LOOK_S
        else:
            return Started(process.pid, process.returncode)
    return Started(process.pid)


def last_words(home: Path) -> str:
    """What a watch that was over at once had to say."""
    return (home / OUTPUT_NAME).read_text(encoding="utf-8", errors="replace").strip()


def stop(home: Path) -> bool:
    """Ask it to end and wait until it has; False where none was running.

    LocalCopyError 602.43 where it does not end in a minute.
    """
    if not is_held(home / WATCH_LOCK):
        return False
    (home / STOP_NAME).touch()
    with holding(home / WATCH_LOCK, _STOP_S) as ended:
        if not ended:
            raise LocalCopyError(
                "602.43",
                words("Background sync does not end."),
                words("Wait a minute and try again; restart the device if it stays so."),
            )
    return True


def _detached(home: Path, every_s: int) -> subprocess.Popen[bytes]:
    """Its own session, no terminal, no console window; what it holds open is one file of its folder."""
    command = [sys.executable, "-c", _PROGRAM, "--home", str(home), "--lang", language()]
    command += ["sync", "--watch", "--every", str(every_s), "--log"]
    flags = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")
    with (home / OUTPUT_NAME).open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - this very program
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=home,
            start_new_session=True,
            creationflags=sum(getattr(subprocess, name, 0) for name in flags),
        )
