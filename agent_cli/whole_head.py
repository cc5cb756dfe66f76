"""Replies whose head came whole: the standard library takes a head that was cut off for a short one.

A cut in `Upload-Offset: 524288` would read as offset 52, and one after the media type as an empty page
of a stranger. A head without its empty last line is a broken connection here.
"""

import http.client
import io
import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from agent_cli.least_speed import EndlessAnswerError, SteadyReader

_LAST_LINES = (b"\r\n", b"\n")
# Ours have less than 1 KB. The standard library would read on through any number of interim heads.
_HEAD_BYTES_MAX = 64 << 10


class _Lines:
    """Reads lines for the head's parser, counts their bytes and remembers the last one."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.last = b""
        self._count = 0

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line; empty where the connection ended."""
        self.last = self.file.readline(limit)
        self._count += len(self.last)
        if self._count > _HEAD_BYTES_MAX:
            raise EndlessAnswerError("the head of the answer is too long")
        return self.last

    def close(self) -> None:
        """The parser closes what it cannot read."""
        self.file.close()


class _WholeHead(http.client.HTTPResponse):
    """A reply that begins only when its head is complete, and is read only while it keeps coming."""

    def __init__(self, sock: socket.socket, *more: Any, **named: Any) -> None:
        super().__init__(sock, *more, **named)
        raw: Any = self.fp.detach()
        self.fp = io.BufferedReader(SteadyReader(raw, sock.gettimeout()))

    def begin(self) -> None:
        """RemoteDisconnected where the head breaks off, EndlessAnswerError where it does not end."""
        file = self.fp
        lines: Any = _Lines(file)
        self.fp = lines
        try:
            super().begin()
        finally:
            # The parser lets go of what it cannot read.
            if self.fp is not None:
                self.fp = file
        if lines.last not in _LAST_LINES:
            raise http.client.RemoteDisconnected("the head of the reply broke off")


class _Connection(HTTPConnection):
    response_class = _WholeHead


class _SecureConnection(HTTPSConnection):
    response_class = _WholeHead


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
