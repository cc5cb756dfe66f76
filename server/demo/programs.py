"""Runs the two programs as a person would, at a practice time, and shows what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NotRequired, Required, TypedDict, Unpack

import click

from fieldsync.adapters.clock import TRAINING_CLOCK_VARIABLE
from fieldsync.errors import FieldsyncError
from fieldsync.terminal.output import style
from fieldsync.words import words

_HEAD_LINES = 9
_TAIL_LINES = 9
_STOP_SECONDS = 20


class How(TypedDict):
    """How one run goes: the practice time, the exit code expected, whether to show it, what is typed."""

    at: Required[datetime]
    expect: NotRequired[int]
    show: NotRequired[bool]
    typed: NotRequired[str]
    phase: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What one program run came to."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Programs:
    """The installed programs, with the environment that every run of the demo shares."""

    folder: Path
    language: str
    seconds: dict[str, float] = field(default_factory=dict)
    url: str = "http://127.0.0.1:0"

    def server(self, *args: str, **how: Unpack[How]) -> Ran:
        """Run `fieldsync-server` at a practice time."""
        return self._run("fieldsync-server", args, {}, how)

    def device(self, name: str, *args: str, **how: Unpack[How]) -> Ran:
        """Run `fieldsync` on one of the demo's devices at a practice time."""
        own = {
            "FIELDSYNC_HOME": str(self.home_of(name)),
            "FIELDSYNC_SECRETS": str(self.secrets_file),
        }
        return self._run("fieldsync", args, own, how)

    @property
    def secrets_file(self) -> Path:
        """What the practice officers would type at a door, one line each."""
        return self.folder / "secrets.txt"

    def home_of(self, device: str) -> Path:
        """The folder of one of the demo's devices."""
        return self.folder / "devices" / device

    def start_server(self, at: datetime) -> subprocess.Popen[str]:
        """Start `fieldsync-server run` on loopback and wait until it answers.

        The first start takes a free port; later ones take the same, which the devices know.
        """
        run_file = self.folder / "server" / "run.json"
        run_file.unlink(missing_ok=True)
        with (self.folder / "server.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*_command("fieldsync-server"), "run", "--port", self.url.rpartition(":")[2]],
                env=self._environment({}, at),
                stdout=log,
                stderr=log,
                text=True,
            )
        _until_written(run_file, process)
        self.url = json.loads(run_file.read_text(encoding="utf-8"))["url"]
        return process

    def stop_server(self, process: subprocess.Popen[str]) -> None:
        """Ask the server to end and wait for it."""
        process.terminate()
        process.wait(_STOP_SECONDS)

    def _environment(self, extra: Mapping[str, str], at: datetime) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FIELDSYNC_")}
        tag = "zh_CN.UTF-8" if self.language == "zh-CN" else "en_US.UTF-8"
        return {
            **kept,
            "LANGUAGE": tag.partition(".")[0],
            "COLUMNS": "110",
            "PYTHONUTF8": "1",
            "FIELDSYNC_SERVER_HOME": str(self.folder / "server"),
            TRAINING_CLOCK_VARIABLE: at.isoformat(),
            **extra,
        }

    def _run(self, program: str, args: Sequence[str], extra: Mapping[str, str], how: How) -> Ran:
        show, expected = how.get("show", True), how.get("expect", 0)
        if show:
            line = " ".join([program, *(_quoted(argument) for argument in args)])
            click.echo(style(f"  {how['at']:%H:%M} $ {line}", bold=True))
        begun = time.monotonic()
        done = subprocess.run(  # noqa: S603 - our own programs, arguments of our own story
            [*_command(program), *args],
            env=self._environment(extra, how["at"]),
            input=how.get("typed", ""),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        self._count_seconds(how.get("phase", ""), time.monotonic() - begun)
        if show:
            _show(done.stdout + done.stderr)
        if done.returncode != expected:
            raise _unexpected(program, args, done, expected)
        return Ran(done.returncode, done.stdout, done.stderr)

    def _count_seconds(self, phase: str, spent: float) -> None:
        if phase:
            self.seconds[phase] = round(self.seconds.get(phase, 0) + spent, 2)


def _unexpected(
    program: str, args: Sequence[str], done: "subprocess.CompletedProcess[str]", expected: int
) -> FieldsyncError:
    return FieldsyncError(
        "603.1",
        words(
            "`{command}` ended with {code} where {expected} was expected: {text}",
            command=" ".join([program, *args]),
            code=done.returncode,
            expected=expected,
            text=(done.stderr or done.stdout).strip()[-600:],
        ),
    )


def _command(program: str) -> list[str]:
    """The program installed beside this Python."""
    found = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    if found is None:
        raise FieldsyncError(
            "603.2", words("The program {program} is not installed.", program=program)
        )
    return [found]


def _quoted(argument: str) -> str:
    return f'"{argument}"' if re.search(r"\s", argument) or not argument else argument


def _show(text: str) -> None:
    """The program's words, indented; of a long table the beginning and the end."""
    lines = text.rstrip().splitlines()
    left_out = len(lines) - _HEAD_LINES - _TAIL_LINES
    if left_out > 1:
        lines = [*lines[:_HEAD_LINES], f"… (+{left_out})", *lines[-_TAIL_LINES:]]
    for line in lines:
        click.echo(f"      {line}".rstrip())
    click.echo()


def _until_written(run_file: Path, process: subprocess.Popen[str]) -> None:
    """Wait for the file the server writes once it listens."""
    deadline = time.monotonic() + _STOP_SECONDS
    while not run_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise FieldsyncError(
                "603.3",
                words(
                    "The demo's server did not start; see {log}.",
                    log=str(run_file.parent.parent / "server.log"),
                ),
            )
        time.sleep(0.05)
