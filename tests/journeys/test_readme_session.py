"""The README's session, run as it stands: every command must work, and say what the README says."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MARK = "@@ command "
_PORT = "8440"


@dataclass(frozen=True)
class Typed:
    """One command of the session and the lines that the README shows under it."""

    command: str
    shown: tuple[str, ...]


def session_of(readme: str) -> list[Typed]:
    """The commands between the README's session marks, with their output."""
    block = re.search(r"<!-- session -->\n```console\n(.*?)```", readme, re.DOTALL)
    assert block is not None, "the README has no session"
    typed: list[Typed] = []
    for line in block.group(1).splitlines():
        if line.startswith("$ "):
            typed.append(Typed(line[2:], ()))
        elif typed[-1].command.endswith("\\"):
            typed[-1] = Typed(f"{typed[-1].command}\n{line}", ())
        else:
            typed[-1] = Typed(typed[-1].command, (*typed[-1].shown, line))
    return typed


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _run(session: list[Typed], folder: Path) -> list[str]:
    """Type the whole session into one shell and return what each command printed."""
    port = _free_port()
    lines = ["set -e", f"ln -s '{ROOT}/fixtures' fixtures"]
    for number, typed in enumerate(session):
        command = typed.command.replace(_PORT, port)
        lines += [f"echo '{_MARK}{number}'", command]
        if command.endswith("&"):
            # Nobody types so fast that the server is not yet there.
            lines.append("until [ -e fieldsync-server/run.json ]; do kill -0 $!; done")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIELDSYNC_")}
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env={**environment, "LANG": "C.UTF-8", "PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    pieces = re.split(rf"^{_MARK}\d+\n", done.stdout.replace(port, _PORT), flags=re.MULTILINE)
    return pieces[1:]


def _matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether the shown lines stand in the output, in order; `...` stands for anything."""
    pattern = r"\n(?:.*\n)*?".join(
        ".*".join(re.escape(part) for part in line.split("...")) for line in shown if line != "..."
    )
    return re.search(pattern, printed) is not None


def test_the_session_says_what_the_readme_says(tmp_path: Path) -> None:
    """A newcomer who pastes the session sees what the README shows."""
    session = session_of((ROOT / "README.md").read_text(encoding="utf-8"))
    printed = _run(session, tmp_path)
    assert len(printed) == len(session)
    for typed, output in zip(session, printed, strict=True):
        assert _matches(typed.shown, output), f"$ {typed.command}\nshows otherwise:\n{output}"


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        (("3 stops...",), "head\n3 stops today\n", True),
        (("3 stops",), "4 stops\n", False),
        (("b", "a"), "a\nb\n", False),
        (("a", "...", "c"), "a\nb\nc\n", True),
    ],
)
def test_the_comparison_can_fail(shown: tuple[str, ...], printed: str, *, fits: bool) -> None:
    """The test of the README is itself held to: other words and another order are found out."""
    assert _matches(shown, printed) is fits
