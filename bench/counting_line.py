"""A line that counts: every byte that passes it in either direction, headers too, by request."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 1 << 16


@dataclass(slots=True)
class Passed:
    """One request and its answer as they went over the line."""

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)

    @property
    def path(self) -> str:
        """What the request asked for."""
        return self.up.split(b" ", 2)[1].decode()


@dataclass(slots=True)
class Line:
    """Where the line begins, and what has passed it so far."""

    url: str
    passed: list[Passed] = field(default_factory=list)


@contextmanager
def counting(url: str) -> Iterator[Line]:
    """A line to the server at `url`, while the block runs."""
    parts = urlsplit(url)
    target = (str(parts.hostname), int(parts.port or 80))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        line = Line(f"http://127.0.0.1:{listener.getsockname()[1]}")
        threading.Thread(target=_accept, args=(listener, target, line), daemon=True).start()
        yield line


def _accept(listener: socket.socket, target: tuple[str, int], line: Line) -> None:
    while True:
        try:
            near, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(near, target, line), daemon=True).start()


def _carry(near: socket.socket, target: tuple[str, int], line: Line) -> None:
    """One connection until either side ends it; what goes up after an answer is the next request."""
    with near, socket.create_connection(target) as far, selectors.DefaultSelector() as waiting:
        waiting.register(near, selectors.EVENT_READ)
        waiting.register(far, selectors.EVENT_READ)
        passed: Passed | None = None
        while True:
            for key, _events in waiting.select():
                rises = key.fileobj is near
                chunk = (near if rises else far).recv(_CHUNK)
                if not chunk:
                    return
                if passed is None or (rises and passed.down):
                    passed = Passed()
                    line.passed.append(passed)
                (passed.up if rises else passed.down).extend(chunk)
                (far if rises else near).sendall(chunk)
