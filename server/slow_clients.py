"""Gunicorn's threaded worker, for whom no client is patiently waited that drips or is silent.

Each request holds a thread, so whoever opens a few connections and sends a byte now and then would
keep everybody else out (slowloris). What comes or goes within a request is watched at the socket.
"""

import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

# The same least as devices ask of a server: a tenth of the slowest line supported.
_LEAST_BYTES_PER_S = 200
# To wait for no time at all would mean not to wait in quite another way.
_TICK_S = 0.001
_SLICE_BYTES = 64 << 10


class TooSlowError(NoMoreData):  # type: ignore[misc]  # gunicorn ships no types
    """The client was silent for too long, or sends too little for the time it takes."""


class WatchedSocket(socket.socket):
    """A client's socket that gives up; `patience_s` is the longest silence, and what is free of the rate."""

    patience_s: float = 0.0
    _asked_s: float = math.inf
    _waited_s: float = 0.0
    _moved: int = 0

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - as sockets have it
        """Blocking is asked for when a request begins: from there on is counted."""
        super().setblocking(flag)
        self._asked_s, self._waited_s, self._moved = math.inf, 0.0, 0

    def settimeout(self, value: float | None, /) -> None:
        """No step waits longer than gunicorn itself allows it."""
        super().settimeout(value)
        self._asked_s = math.inf if value is None else value

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What has come; TooSlowError where it is too little or nothing."""
        if self.gettimeout() == 0:
            return super().recv(size, flags)
        with self._watch():
            piece = super().recv(size, flags)
        self._moved += len(piece)
        return piece

    def sendall(self, content: Any, flags: int = 0, /) -> None:
        """Send it whole; TooSlowError where the client does not take it."""
        left = memoryview(content)
        while left:
            with self._watch():
                sent = self.send(left[:_SLICE_BYTES], flags)
            self._moved += sent
            left = left[sent:]

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Let one step take what is left of the time; what we think in between is not counted."""
        left_s = self._moved / _LEAST_BYTES_PER_S + self.patience_s - self._waited_s
        super().settimeout(max(_TICK_S, min(self.patience_s, left_s, self._asked_s)))
        began_s = time.monotonic()
        try:
            yield
        except TimeoutError as error:
            # What we still have to say to it gets its own time.
            self._waited_s, self._moved = 0.0, 0
            raise TooSlowError from error
        self._waited_s += time.monotonic() - began_s


class WatchingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """The worker; its application says how patient it is (`slow_client_s`)."""

    def enqueue_req(self, conn: Any) -> None:
        """Watch the connection from its first request on."""
        if not isinstance(conn.sock, WatchedSocket):
            watched = WatchedSocket(fileno=conn.sock.detach())
            watched.patience_s = self.app.slow_client_s
            conn.sock = watched
        super().enqueue_req(conn)
