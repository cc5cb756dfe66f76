"""A TCP line between a device and a server that can be cut, slowed, doubled, or fall silent.

It knows nothing of HTTP: it counts bytes. Each connection gets a thread and a manner; what passed is
kept, so that a test can first watch an exchange and then cut it at every byte it saw.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_PIECE = 16 << 10
_BUFFER_BYTES = 8 << 10
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How the line treats one connection; by default it passes everything.

    Attributes:
        cut_up, cut_down: bytes of the request or of the reply after which both ends are cut off.
        reset: cut by RST in place of an orderly end.
        delay_s: wait before the first byte of the reply goes on.
        bytes_per_s: the speed in each direction.
        silent: take what comes, pass nothing, never answer.
        twice: hand the same request to the server a second time; the device gets the second answer.
    """

    cut_up: int | None = None
    cut_down: int | None = None
    reset: bool = False
    delay_s: float = 0
    bytes_per_s: int | None = None
    silent: bool = False
    twice: bool = False


OPEN = Manner()


@dataclass(slots=True)
class Passage:
    """What went over one connection, as far as the line let it."""

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)


class Proxy:
    """Listens on loopback and leads to `port`; `manner` answers for the n-th connection (0, 1, ...)."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self.manner: Callable[[int], Manner] = lambda _number: OPEN
        self.passages: list[Passage] = []
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        # A large buffer here would swallow a whole day at once and hide the line's slowness.
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        """Where devices find the line's end."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def treat(self, *manners: Manner) -> None:
        """Connections from now on get these manners in turn, and all later ones pass."""
        self.settle()
        self.passages.clear()
        self.manner = lambda number: manners[number] if number < len(manners) else OPEN

    def settle(self) -> None:
        """Wait until every connection is over at both ends, so that the server is done with it."""
        for thread in self._threads:
            thread.join(_PATIENCE_S)
            assert not thread.is_alive(), "a connection did not end"
        self._threads.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        # A listening socket is not woken by being closed: one last caller is.
        with suppress(OSError), socket.create_connection(self._door.getsockname(), 1):
            pass
        self._accepting.join(_PATIENCE_S)
        self._door.close()
        self.settle()

    def _accept(self) -> None:
        while True:
            device, _address = self._door.accept()
            if self._over.is_set():
                device.close()
                return
            passage = Passage()
            manner = self.manner(len(self.passages))
            self.passages.append(passage)
            thread = threading.Thread(target=self._carry, args=(device, manner, passage))
            self._threads.append(thread)
            thread.start()

    def _carry(self, device: socket.socket, manner: Manner, passage: Passage) -> None:
        with device:
            if manner.silent:
                _swallow(device, self._over)
                return
            if manner.twice:
                _hand_over_twice(device, self._target, passage)
                return
            with socket.create_connection(self._target) as server:
                _Connection(device, server, manner, passage, self._over).run()


class _Connection:
    """Both directions of one connection, until one side or the manner ends it."""

    def __init__(
        self,
        device: socket.socket,
        server: socket.socket,
        manner: Manner,
        passage: Passage,
        over: threading.Event,
    ) -> None:
        self._over = over
        self._device = device
        self._server = server
        self._manner = manner
        self._passage = passage
        self._is_cut = False

    def run(self) -> None:
        """Carry the reply here and the request on a thread of its own."""
        upward = threading.Thread(target=self._carry_up)
        upward.start()
        # The line's own slowness, which ends with the line.
        self._over.wait(self._manner.delay_s)
        self._pump(self._server, self._device, self._passage.down, self._manner.cut_down)
        self._cut()
        upward.join()

    def _carry_up(self) -> None:
        whole = self._pump(self._device, self._server, self._passage.up, self._manner.cut_up)
        if not whole:
            self._cut()
        # The server sees the end of the request; its own end, awaited by `run`, says it is done.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_WR)

    def _pump(
        self, source: socket.socket, sink: socket.socket, kept: bytearray, limit: int | None
    ) -> bool:
        """Pass bytes on; whether the source ended before the limit did."""
        while limit is None or len(kept) < limit:
            room = _PIECE if limit is None else min(_PIECE, limit - len(kept))
            try:
                piece = source.recv(min(room, self._slice()))
            except OSError:
                return True
            if not piece:
                return True
            self._take_time(len(piece))
            if self._is_cut:
                # A line that is cut carries nothing more, in neither direction.
                continue
            kept += piece
            with suppress(OSError):
                sink.sendall(piece)
        if source is self._server:
            _drain(source)
        return False

    def _slice(self) -> int:
        """A slow line moves bytes in small pieces, as a modem does."""
        speed = self._manner.bytes_per_s
        return _PIECE if speed is None else max(1, speed // 10)

    def _take_time(self, size: int) -> None:
        if self._manner.bytes_per_s is not None:
            self._over.wait(size / self._manner.bytes_per_s)

    def _cut(self) -> None:
        """The device's end; for RST the other thread is woken, and closing the socket does the rest."""
        self._is_cut = True
        linger_no_time = (1).to_bytes(4, "little") + bytes(4)
        with suppress(OSError):
            if self._manner.reset:
                self._device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)
                self._device.shutdown(socket.SHUT_RD)
            else:
                self._device.shutdown(socket.SHUT_RDWR)


def _drain(source: socket.socket) -> None:
    with suppress(OSError):
        while source.recv(_PIECE):
            pass


def _swallow(device: socket.socket, over: threading.Event) -> None:
    """Take everything and say nothing until the device gives up."""
    device.settimeout(0.1)
    while not over.is_set():
        try:
            if not device.recv(_PIECE):
                return
        except TimeoutError:
            continue
        except OSError:
            return


def _hand_over_twice(device: socket.socket, target: tuple[str, int], passage: Passage) -> None:
    """The request whole, to the server two times; the first answer is lost on the way."""
    request = _whole_request(device)
    passage.up += request
    for turn in (1, 2):
        with socket.create_connection(target) as server:
            server.sendall(request)
            server.shutdown(socket.SHUT_WR)
            while piece := server.recv(_PIECE):
                if turn == 2:
                    passage.down += piece
    with suppress(OSError):
        device.sendall(passage.down)


def _whole_request(device: socket.socket) -> bytes:
    """One HTTP request, by its Content-Length."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += device.recv(_PIECE)
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        piece = device.recv(_PIECE)
        body, request = body + piece, request + piece
    return request
