"""Asks the keeper for a device's keys, starts one and ends one; without one every command asks for itself."""

import socket
from contextlib import closing
from pathlib import Path

from agent_cli.vault.device_keys import DeviceKeys, of_text, to_text
from agent_cli.vault.keeper_place import HAS_UNIX, Place, local_socket, place_of

_PATIENCE_S = 2.0
_LINE_MAX = 4096


def ask_keys(home: Path) -> DeviceKeys | None:
    """The keys; None where nobody keeps them."""
    told = _ask(home, "keys")
    try:
        return of_text(told) if told else None
    except ValueError:
        return None


def seconds_left(home: Path) -> int | None:
    """How long they are still kept; None where nobody keeps them."""
    told = _ask(home, "look")
    return int(told) if told.isdecimal() else None


def forget(home: Path) -> bool:
    """Whether somebody kept them, and keeps them no more."""
    kept = seconds_left(home) is not None
    if kept:
        _ask(home, "forget")
    return kept


def keep(home: Path, keys: DeviceKeys, minutes: int) -> bool:
    """Start a keeper, in place of one that runs; False where this machine does not let it."""
    import subprocess
    import sys

    forget(home)
    if minutes <= 0:
        return False
    flags = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")
    try:
        process = subprocess.Popen(  # noqa: S603 - this very program
            [
                sys.executable,
                "-m",
                "agent_cli.vault.keeper",
                str(home.resolve()),
                str(minutes * 60),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=home,
            text=True,
            start_new_session=True,
            creationflags=sum(getattr(subprocess, name, 0) for name in flags),
        )
        if process.stdin is None or process.stdout is None:
            return False
        with process.stdin, process.stdout:
            process.stdin.write(to_text(keys) + "\n")
            process.stdin.flush()
            started = process.stdout.readline() != ""
    except OSError:
        return False
    # It lives on by itself; nobody will wait for it.
    process.returncode = 0
    return started


def _ask(home: Path, wish: str) -> str:
    """Its answer without the line's end; empty where nobody answers."""
    try:
        place = place_of(home)
        with closing(_connect(place)) as conn:
            conn.settimeout(_PATIENCE_S)
            conn.sendall(f"{place.token()} {wish}\n".encode())
            told = b""
            while not told.endswith(b"\n"):
                piece = conn.recv(_LINE_MAX)
                if not piece:
                    return ""
                told += piece
    except OSError:
        return ""
    return told.decode("ascii", "replace").strip()


def _connect(place: Place) -> socket.socket:
    """OSError where nobody listens."""
    if HAS_UNIX:
        conn = local_socket()
        try:
            conn.connect(str(place.path))
        except OSError:
            conn.close()
            raise
        return conn
    port = place.port()
    if not port:
        raise ConnectionRefusedError
    return socket.create_connection(("127.0.0.1", port), _PATIENCE_S)
