"""Signs what an unchanged tus client asks, as the device whose key it has, and hands the answer back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from fieldsync.adapters.request_signatures import sign_request
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION
from tests.server.field_device import FieldDevice

_OWN = frozenset({"host", "connection", "content-length", "accept-encoding", "transfer-encoding"})


@dataclass(slots=True)
class Forwarder:
    """Where a client finds the server; `alter` may spoil a body on the way, before it is signed."""

    url: str
    asked: list[tuple[str, int]] = field(default_factory=list)
    alter: Callable[[str, bytes], bytes] = lambda _method, body: body


@contextmanager
def forwarding(server_url: str, device: FieldDevice) -> Iterator[Forwarder]:
    """A forwarder on loopback, while the block runs."""
    door = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    forwarder = Forwarder(f"http://127.0.0.1:{door.server_address[1]}")
    door.RequestHandlerClass = _handler(server_url, device, forwarder)
    thread = threading.Thread(target=door.serve_forever)
    thread.start()
    try:
        yield forwarder
    finally:
        door.shutdown()
        thread.join()
        door.server_close()


def _handler(
    server_url: str, device: FieldDevice, forwarder: Forwarder
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            """Sign and send on, then answer as the server did."""
            body = self._body()
            answer = _signed(server_url, device, self, forwarder.alter(self.command, body))
            forwarder.asked.append((self.command, answer.status_code))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_HEAD = do_PATCH = do_DELETE = do_OPTIONS = forward  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

    return Handler


def _signed(
    server_url: str, device: FieldDevice, asked: BaseHTTPRequestHandler, body: bytes
) -> requests.Response:
    headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OWN}
    headers[PROTOCOL_HEADER] = str(PROTOCOL_VERSION)
    request = requests.Request(
        asked.command, server_url + asked.path, data=body, headers=headers
    ).prepare()
    nonce = device.randomness.token(12).hex()
    sign_request(request, device.device_id, device.request_key, device.clock.now(), nonce)
    with requests.Session() as session:
        session.trust_env = False
        return session.send(request, timeout=60)
