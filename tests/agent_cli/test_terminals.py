"""What is shown stays readable on every terminal: narrow, without colour, piped, and with an ASCII locale."""

import json
import os
import subprocess
import sys

import pytest

from tests.agent_cli.made_up import Device, at

READING = (
    ("today",),
    ("show", "C-000001"),
    ("status", "--all"),
    ("search", "陈明"),
    ("visit", "list"),
    ("config",),
)
TERMINALS = {
    "narrow": {"COLUMNS": "40"},
    "without colour": {"NO_COLOR": "1"},
    "C locale": {"LANG": "C", "LC_ALL": "C"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "GBK streams": {"PYTHONIOENCODING": "gbk"},
    "C locale taken at its word": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def shown(device: Device, args: tuple[str, ...], **environment: str) -> str:
    """What a real process prints, decoded as UTF-8 whatever the terminal said."""
    done = subprocess.run(
        [sys.executable, "-c", "from agent_cli.main import main; main()", *args],
        env={
            **os.environ,
            "FIELDSYNC_HOME": str(device.home),
            "FIELDSYNC_TRAINING_CLOCK": at(10).isoformat(),
            "COLUMNS": "140",
            **environment,
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", errors="replace")
    assert b"\x1b[" not in done.stdout
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("args", READING, ids=" ".join)
def test_every_list_is_readable(terminal: str, args: tuple[str, ...], device: Device) -> None:
    """No crash, no colour codes in a pipe, and not one character turned into another."""
    assert device.run("visit", "start", "C-000001", "--with", "O-0002").exit_code == 0
    for language in ("zh", "en"):
        text = shown(device, ("--lang", language, *args), **TERMINALS[terminal])
        assert "�" not in text
        assert "?" * 3 not in text
        if args[0] in {"today", "show", "search"}:
            assert "陈明" in text
            assert "深圳市南山区" in text
            assert "科苑路" in text


def test_json_is_the_same_everywhere(device: Device) -> None:
    """A script reads the same document on every terminal."""
    plain = shown(device, ("today", "--json"))
    for environment in TERMINALS.values():
        assert json.loads(shown(device, ("today", "--json"), **environment)) == json.loads(plain)
