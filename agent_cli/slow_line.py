"""The line itself: a session that sends in small pieces, so that a slow line is not taken for a dead one.

A socket's timeout holds for one whole `sendall`, and what the system has buffered counts as sent. So a
body goes out in slices, the buffer is kept small, and the wait for the answer begins with the time
that the slowest line supported needs for what may still lie in the buffer.
"""

import io
import socket
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from agent_cli.whole_head import POOLS

# 16 kbit/s: a working day's records must still arrive over it.
SLOWEST_BYTES_PER_S = 2000
SLICE_BYTES = 8 << 10
# Linux doubles it; other systems take it as it is.
_SEND_BUFFER_BYTES = 64 << 10


class Slices(io.BytesIO):
    """A body that tells of each piece as it is handed to the line."""

    def __init__(self, content: bytes, told: Callable[[int], None]) -> None:
        super().__init__(content)
        self._told = told

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece."""
        piece = super().read(size)
        if piece:
            self._told(len(piece))
        return piece


class _PatientAdapter(HTTPAdapter):
    """Opens connections whose sending can be seen to go on."""

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        """As requests does, with our options of the socket."""
        more["blocksize"] = SLICE_BYTES
        more["socket_options"] = [
            *HTTPConnection.default_socket_options,
            (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES),
        ]
        super().init_poolmanager(*sizes, **more)
        self.poolmanager.pool_classes_by_scheme = POOLS


def open_session() -> requests.Session:
    """A session for one request; proxies and certificates of the environment are not followed."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "gzip"
    for scheme in ("http://", "https://"):
        session.mount(scheme, _PatientAdapter(max_retries=0))
    return session


def patience_s(timeout_s: float, size: int) -> tuple[float, float]:
    """Seconds to connect or to move a slice, and seconds to wait for more of an answer.

    Neither is a total: an exchange may take as long as it needs while bytes still move.
    """
    buffered = min(size, 2 * _SEND_BUFFER_BYTES)
    return timeout_s, timeout_s + buffered / SLOWEST_BYTES_PER_S
