"""An officer at a real terminal: the program on a pseudo-terminal, each key sent when its question shows."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.device_files import database_of, dump

CTRL_C, CTRL_D = "\x03", "\x04"
_PATIENCE_S = 15.0
# The terminal must be the program's own and Ctrl-C heard, as a shell that a person types at has it;
# a shell that starts tests in the background may have closed its ears to it.
_PROGRAM = (
    "import fcntl, signal, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from agent_cli.main import main; main()"
)


@dataclass(frozen=True, slots=True)
class Said:
    """How a run ended, and all that stood on the screen."""

    code: int
    screen: str


@dataclass(frozen=True, slots=True)
class Step:
    """A question (part of what shows) and what is typed when it stands there."""

    question: str
    typed: str


def converse(home: Path, args: Sequence[str], steps: Sequence[Step]) -> Said:
    """Run `fieldsync ARGS`, answer each question in turn, and read the screen to its end."""
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "--home", str(home), *args],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
    ) as process:
        os.close(terminal)
        try:
            screen = _conversation(keyboard, steps)
            code = process.wait(_PATIENCE_S)
        finally:
            process.kill()
    os.close(keyboard)
    return Said(code, screen.replace("\r\n", "\n"))


def _conversation(keyboard: int, steps: Sequence[Step]) -> str:
    screen = seen = ""
    for step in steps:
        shown = _until(keyboard, step.question, seen)
        screen += shown
        _before, _found, seen = (seen + shown).partition(step.question)
        ends = "" if step.typed in {CTRL_C, CTRL_D} else "\n"
        os.write(keyboard, (step.typed + ends).encode())
    last = steps[-1].typed if steps else ""
    return screen + _until(keyboard, None, "", again=last if last in {CTRL_C, CTRL_D} else "")


def _until(keyboard: int, question: str | None, seen: str, again: str = "") -> str:
    """What shows until the question does, or until the program is gone.

    `again` is pressed once more where nothing happens: a key that comes in the instant between a
    question and its reading is lost to Python itself, and a person would press it again.
    """
    deadline = time.monotonic() + _PATIENCE_S
    raw = b""
    while question is None or question not in seen + raw.decode(errors="ignore"):
        left_s = max(0.0, deadline - time.monotonic())
        ready, _w, _x = select.select([keyboard], [], [], min(left_s, 1.0) if again else left_s)
        if not ready and again and left_s:
            os.write(keyboard, again.encode())
            continue
        if not ready:
            raise AssertionError(f"{question!r} never showed: {seen + raw.decode(errors='ignore')}")
        try:
            piece = os.read(keyboard, 65536)
        except OSError:  # Linux says so when the other side is closed
            piece = b""
        if not piece:
            if question is not None:
                raise AssertionError(f"{question!r} never showed: {raw.decode(errors='ignore')}")
            break
        raw += piece
    return raw.decode(errors="ignore")


def rows(home: Path) -> list[str]:
    """Everything the database holds, as statements; nothing where there is none."""
    if not (home / "field.db").exists():
        return []
    with closing(database_of(home)) as conn:
        return list(dump(conn))
