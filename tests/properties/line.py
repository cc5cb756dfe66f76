"""The line between device and server: every request runs through here, and what may befall one befalls it.

It stands where `requests` would open a socket; both programs are the real ones. An answer of 500 is
a fault of the server whatever was sent, and fails the test on the spot.
"""

import io
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

URL = "http://127.0.0.1:9"


class Fault(StrEnum):
    """What befalls one request."""

    NONE = "none"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost after the commit"
    REPLY_TORN = "reply cut in the middle"
    TWICE = "delivered twice"
    TWICE_SECOND_REPLY = "delivered twice, the second reply arrives"
    LATE = "delivered after the next request"
    BUSY = "refused by a proxy"
    BUSY_AFTER = "refused by a proxy after the commit"
    PORTAL = "answered by a captive portal"
    KILLED_BEFORE = "device killed before the request leaves"
    KILLED_AFTER = "device killed before the reply is read"


class KilledError(BaseException):
    """The device's process is gone at this point; nothing of it may run on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way: a torn one ends before its Content-Length."""

    status: int
    headers: dict[str, str]
    content: bytes
    torn: bool = False


_NOT_SENT: dict[Fault, BaseException] = {
    Fault.REQUEST_LOST: requests.exceptions.ConnectionError(),
    Fault.LATE: requests.exceptions.ReadTimeout(),
    Fault.KILLED_BEFORE: KilledError(),
}
_NOT_BACK: dict[Fault, BaseException] = {
    Fault.REPLY_LOST: requests.exceptions.ConnectionError(ProtocolError("gone")),
    Fault.KILLED_AFTER: KilledError(),
}
_HTML = {"Content-Type": "text/html"}
_OTHERS: dict[Fault, Reply] = {
    Fault.BUSY: Reply(503, _HTML, b"<h1>busy</h1>"),
    Fault.PORTAL: Reply(200, _HTML, b"<h1>sign in</h1>"),
    Fault.BUSY_AFTER: Reply(504, _HTML, b"<h1>slow</h1>"),
}


@dataclass(slots=True)
class Line:
    """The way to one server; `plan` holds the faults of the requests to come.

    `forge` may alter what the server answers: only the checks of the tests themselves use it.
    """

    client: FlaskClient
    plan: deque[Fault] = field(default_factory=deque)
    late: list[requests.PreparedRequest] = field(default_factory=list)
    injected: int = 0
    forge: Callable[[str, Reply], Reply] = lambda _path, reply: reply

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        """What comes back of a request, if anything does."""
        fault = self.plan.popleft() if self.plan else Fault.NONE
        body: Any = request.body
        if hasattr(body, "read"):
            # A file that is sent twice is the same file twice.
            request.body = body.read()
        self.injected += fault is not Fault.NONE
        if fault in _NOT_SENT:
            if fault is Fault.LATE:
                self.late.append(request)
            raise _NOT_SENT[fault]
        if fault in {Fault.BUSY, Fault.PORTAL}:
            return _response(request, _OTHERS[fault])
        reply = self._deliver(request)
        self.deliver_late()
        if fault in _NOT_BACK:
            raise _NOT_BACK[fault]
        return _response(request, self._back(fault, request, reply))

    def deliver_late(self) -> None:
        """What was on its way arrives now; nobody waits for the answer."""
        on_their_way, self.late = self.late, []
        for request in on_their_way:
            self._deliver(request)

    def _back(self, fault: Fault, request: requests.PreparedRequest, reply: Reply) -> Reply:
        if fault in {Fault.TWICE, Fault.TWICE_SECOND_REPLY}:
            second = self._deliver(request)
            return second if fault is Fault.TWICE_SECOND_REPLY else reply
        if fault is Fault.REPLY_TORN:
            return replace(reply, torn=True)
        return _OTHERS.get(fault, reply)

    def _deliver(self, request: requests.PreparedRequest) -> Reply:
        answer = self.client.open(
            request.path_url,
            method=request.method or "",
            data=request.body,
            headers=dict(request.headers.items()),
        )
        reply = Reply(answer.status_code, dict(answer.headers.items()), answer.get_data())
        assert reply.status != 500, reply.content
        return self.forge(request.path_url, reply)


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    """As `requests` gets it from a socket."""
    size = len(reply.content)
    raw = HTTPResponse(
        body=io.BytesIO(reply.content[: size // 2] if reply.torn else reply.content),
        headers={**reply.headers, "Content-Length": str(size)},
        status=reply.status,
        preload_content=False,
        request_method=request.method,
    )
    return HTTPAdapter().build_response(request, raw)


@contextmanager
def laid(line: Line) -> Iterator[None]:
    """While the block runs, whatever asks for URL comes by this line, and nothing else is reachable."""

    def send(_adapter: HTTPAdapter, request: requests.PreparedRequest, **_how: Any) -> Any:
        assert (request.url or "").startswith(URL)
        return line.send(request)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(HTTPAdapter, "send", send)
        yield
