"""Clients that drip, or say nothing, over real sockets: they are let go, and others are served meanwhile."""

import select
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.server.test_serving import running

_HEAD = b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nFieldsync-Protocol: 1\r\n"
_LONG = _HEAD + b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
_THREADS = 4


@pytest.fixture
def impatient(server_home: Path) -> Iterator[str]:
    """The address of a server that waits half a second for a client."""
    with (server_home / "config.toml").open("a", encoding="utf-8") as file:
        file.write("\n[limits]\nslow_client_s = 0.5\n")
    with running(server_home) as (_process, address):
        yield address


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30)


def _all_of(client: socket.socket) -> bytes:
    """What comes until the server closes."""
    came = b""
    try:
        while piece := client.recv(4096):
            came += piece
    except ConnectionResetError:
        pass
    return came


def test_slowloris_heads_that_never_end_are_let_go(impatient: str) -> None:
    """As many as there are threads, none of them finishing: the next person is answered all the same."""
    clients = [_connect(impatient) for _n in range(_THREADS)]
    for client in clients:
        client.sendall(_HEAD)
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{impatient}/healthz", timeout=30).json()["status"] == "ok"
    assert [_all_of(client) for client in clients] == [b""] * _THREADS
    for client in clients:
        client.close()


def test_slowloris_a_body_that_does_not_come_is_a_problem(impatient: str) -> None:
    """Its sender is told that it was too slow, if it still listens."""
    with _connect(impatient) as client:
        client.sendall(_LONG)
        answer = _all_of(client)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    assert b"408.1" in answer


def test_slowloris_a_byte_now_and_then_is_too_little(impatient: str) -> None:
    """Never silent for long, and let go all the same."""
    with _connect(impatient) as client:
        client.sendall(_LONG)
        sent = 0
        # The wait is for an answer: it paces the drip, and ends as soon as the server has had enough.
        while not select.select([client], [], [], 0.05)[0]:
            client.sendall(b" ")
            sent += 1
        answer = _all_of(client)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert sent < 5000


def test_an_answer_that_nobody_takes_is_let_go(impatient: str) -> None:
    """Who asks for much and reads nothing holds no thread for good."""
    clients = [_connect(impatient) for _n in range(_THREADS)]
    asked = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400
    for client in clients:
        client.setblocking(False)
        with_room = memoryview(asked)
        while with_room and select.select([], [client], [], 0.2)[1]:
            with_room = with_room[client.send(with_room) :]
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{impatient}/healthz", timeout=30).json()["status"] == "ok"
    for client in clients:
        client.close()
