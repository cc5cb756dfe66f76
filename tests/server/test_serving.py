"""`fieldsync-server run` as a real process: it says where it listens, serves, and stops when told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from fieldsync.errors import EXIT_CONFLICT, ConflictError, InputError
from fieldsync.sync.files import TUS_HEADER, TUS_VERSION
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION
from server.serving import listen, url_of

PROGRAM = [sys.executable, "-c", "from server.cli import main; main()"]


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address, ended at the end."""
    process = subprocess.Popen(
        [*PROGRAM, "--home", str(home), "run", "--port", "0", "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def test_it_serves_and_stops_when_told(server_home: Path) -> None:
    """The address on stdout answers, run.json tells it too, and SIGTERM ends it cleanly."""
    with running(server_home) as (process, address), requests.Session() as session:
        session.trust_env = False
        # The socket listens before the address is printed, so the first request simply waits.
        answer = session.get(f"{address}/healthz", timeout=30)
        assert answer.json()["status"] == "ok"
        told = json.loads((server_home / "run.json").read_text(encoding="utf-8"))
        assert told == {"url": address, "pid": process.pid}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not (server_home / "run.json").exists()


def test_the_same_port_twice_is_refused(server_home: Path) -> None:
    """A second server on the port says so, what to do, and exits as a conflict."""
    with listen("127.0.0.1", 0) as taken:
        port = url_of(taken).rpartition(":")[2]
        second = subprocess.run(
            [*PROGRAM, "--home", str(server_home), "run", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert second.returncode == EXIT_CONFLICT
    assert "600.41" in second.stderr
    assert "--port" in second.stderr


def test_addresses_of_other_machines_are_refused() -> None:
    """Only this machine's own addresses can be listened on."""
    with pytest.raises(InputError) as elsewhere:
        listen("192.0.2.1", 0)
    assert elsewhere.value.code == "600.42"
    with listen("127.0.0.1", 0) as taken, pytest.raises(ConflictError) as twice:
        listen("127.0.0.1", int(url_of(taken).rpartition(":")[2]))
    assert twice.value.code == "600.41"


def test_an_empty_body_is_empty_on_the_real_server(server_home: Path) -> None:
    """Where no body belongs, none is fine: only the signature is missed; a body is told to be too large."""
    with running(server_home) as (_process, address), requests.Session() as session:
        session.trust_env = False
        headers = {PROTOCOL_HEADER: str(PROTOCOL_VERSION), TUS_HEADER: TUS_VERSION}
        answers = [
            session.post(f"{address}/api/v1/files", data=data, headers=headers, timeout=30)
            for data in (b"", b"body", iter([b"in ", b"chunks"]))
        ]
    assert [answer.json()["code"] for answer in answers] == ["401.1", "413.1", "413.1"]


def test_it_serves_without_the_hardship_teams_key(server_home: Path) -> None:
    """The team took its key and its passphrase away: nobody who serves needs them."""
    for name in ("hardship.key", "hardship.passphrase"):
        (server_home / "keys" / name).unlink()
    with running(server_home) as (process, address), requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{address}/healthz", timeout=30).json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not (server_home / "keys" / "hardship.key").exists()
