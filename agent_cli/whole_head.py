"""Replies whose head came whole: the standard library takes a head that was cut off for a short one.

A cut in `Upload-Offset: 524288` would read as offset 52, and one after the media type as an empty page
of a stranger. A head without its empty last line is a broken connection here.
"""

import http.client
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_LAST_LINES = (b"\r\n", b"\n")


class _Lines:
    """Reads lines for the head's parser and remembers the last one."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.last = b""

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line; empty where the connection ended."""
        self.last = self.file.readline(limit)
        return self.last

    def close(self) -> None:
        """The parser closes what it cannot read."""
        self.file.close()


class _WholeHead(http.client.HTTPResponse):
    """A reply that begins only when its head is complete."""

    def begin(self) -> None:
        """RemoteDisconnected where the head breaks off."""
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
