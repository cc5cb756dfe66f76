"""From a plain device to an encrypted one, and to a new key: killed anywhere, it opens with all that was in it."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agent_cli.vault import held_keys
from agent_cli.vault.kept_files import opened
from agent_cli.vault.vault_file import VAULT_NAME
from tests.agent_cli.made_up import Device
from tests.device_files import PASSPHRASE_FILE, database_of

ROOT = Path(__file__).parents[2]
_CASE_WORDS = ("陈明", "Wang Wei", "C-000001", "SQLite format")


def _made_plain(device: Device, home: Path) -> Device:
    """The same device as an older program left it: not encrypted."""
    shutil.copytree(device.home, home)
    (home / "field.db").unlink()
    with closing(database_of(device.home)) as conn:
        conn.execute("ATTACH DATABASE ? AS plain KEY ''", (str(home / "field.db"),))
        conn.execute("SELECT sqlcipher_export('plain')").fetchone()
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        conn.execute(f"PRAGMA plain.user_version = {int(version)}")
    for path in (home / "keys").iterdir():
        path.write_bytes(opened(device.home, path.read_bytes(), f"keys/{path.name}"))
    for name in (VAULT_NAME, "field.db-wal", "field.db-shm"):
        (home / name).unlink(missing_ok=True)
    held_keys.drop(home)
    return Device(home)


def test_an_older_device_is_encrypted_and_says_so_until_then(
    device: Device, tmp_path: Path
) -> None:
    """It goes on working at a door; `passphrase` encrypts it; then nothing of it is readable."""
    old = _made_plain(device, tmp_path / "old")
    assert b"SQLite format" in (old.home / "field.db").read_bytes()
    shown = old.run("today")
    assert "not encrypted yet" in shown.stderr
    assert old.run("passphrase").exit_code == 0
    assert old.run("today").stdout == shown.stdout
    assert "not encrypted" not in old.run("today").stderr
    for path in old.home.rglob("*"):
        if path.is_file():
            assert not any(text.encode() in path.read_bytes() for text in _CASE_WORDS), path.name


_CHANGE = (
    "import os, sys; from pathlib import Path; from tests.device_files import prepare; prepare()\n"
    "from agent_cli import encryption; from agent_cli.unlock import open_with\n"
    "from agent_cli.vault import held_keys; from tests.device_files import PASSPHRASE\n"
    "home, what, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])\n"
    "count = 0\n"
    "def trace(frame, event, arg):\n"
    "    global count\n"
    "    if event == 'line' and frame.f_code.co_filename.endswith(('encryption.py', 'durable.py')):\n"
    "        count += 1\n"
    "        if count == n: os.kill(os.getpid(), 9)\n"
    "    return trace\n"
    "keys = None if what == 'encrypt' else open_with(home, PASSPHRASE)\n"
    "sys.settrace(trace)\n"
    "if what == 'encrypt': encryption.encrypt(home, PASSPHRASE)\n"
    "else: encryption.encrypt_anew(home, keys, PASSPHRASE)\n"
)


@pytest.mark.parametrize("what", ["encrypt", "encrypt anew"])
def test_kill_9_at_any_line_of_an_encryption_loses_nothing(
    what: str, device: Device, tmp_path: Path
) -> None:
    """Killed at every few lines of it: the device opens as before or as after, with all that was in it."""
    shown = device.run("today").stdout
    start = _made_plain(device, tmp_path / "plain") if what == "encrypt" else device
    ended = 0
    for n in range(1, 400, 7):
        copy = tmp_path / f"copy{n}"
        shutil.copytree(start.home, copy)
        done = subprocess.run(
            [sys.executable, "-c", _CHANGE, str(copy), what, str(n)], cwd=ROOT, check=False
        )
        assert done.returncode in {0, -signal.SIGKILL}
        ended += done.returncode == 0
        killed = Device(copy)
        assert killed.run("today").stdout == shown, n
        assert killed.run("passphrase", "--old-file", str(PASSPHRASE_FILE)).exit_code == 0, n
        assert killed.run("today").stdout == shown, n
        assert b"SQLite format" not in (copy / "field.db").read_bytes()
        shutil.rmtree(copy)
        if ended:
            return
    pytest.fail("it never passed")
