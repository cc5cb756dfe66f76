"""What comes down a line, read only while it keeps coming: less than 200 bytes a second is left.

Watched at the socket itself, so that it holds for the head, the content and all that HTTP puts between
its pieces. A device must not hang at something that drips until its battery is empty.
"""

import http.client
import io
import time

# Below a tenth of the slowest line supported nothing useful goes on.
_LEAST_BYTES_PER_S = 200
# So many times the wait for one piece are granted before the rate counts.
_GRACE = 3


class EndlessAnswerError(http.client.HTTPException):
    """The answer drips, or goes on for longer than any of our servers'."""


class SteadyReader(io.RawIOBase):
    """Reads from a socket's file while it is fast enough, counted from the first byte."""

    def __init__(self, raw: io.RawIOBase, patience_s: float | None) -> None:
        super().__init__()
        self._raw = raw
        self._grace_s = _GRACE * (patience_s or 0.0)
        self._count = 0
        self._began_s: float | None = None

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]  # as sockets have it
        """The next bytes; EndlessAnswerError where they have become too few for the time."""
        count = self._raw.readinto(buffer)
        now_s = time.monotonic()
        if self._began_s is None:
            self._began_s = now_s
        self._count += count or 0
        if self._count < (now_s - self._began_s - self._grace_s) * _LEAST_BYTES_PER_S:
            raise EndlessAnswerError("the answer drips")
        return count

    def close(self) -> None:
        """The socket's file is closed with it."""
        self._raw.close()
        super().close()
