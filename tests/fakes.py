"""Small real classes that answer the ports in tests; `tests/contracts` holds them to the same suite."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from fieldsync.adapters.whole_content import checked
from fieldsync.errors import NotFoundError
from fieldsync.words import words


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._monotonic_ms = 1_000_000

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def monotonic_ms(self) -> int:
        """Milliseconds that went on together with `now`."""
        return self._monotonic_ms

    def boot_id(self) -> str:
        """Always the same boot."""
        return "boot-of-the-tests"

    def go_on(self, **span: float) -> None:
        """Let time pass: `clock.go_on(minutes=10)`."""
        passed = timedelta(**span)
        self._now += passed
        self._monotonic_ms += int(passed.total_seconds() * 1000)

    def set(self, now: datetime) -> None:
        """Turn the wall clock alone, as a person might; the monotonic clock does not move."""
        self._now = now


class SeededRandomness:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "fieldsync") -> None:
        self._seed = seed
        self._drawn = 0

    def token(self, length: int) -> bytes:
        """That many bytes, new at each call."""
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}:{self._drawn}".encode()).digest(length)


class MemoryBlobs:
    """A BlobStore in memory."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep the content and return its SHA-256 in hex."""
        name = hashlib.sha256(content).hexdigest()
        self._content[name] = content
        return name

    def put_pieces(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Keep content that comes in pieces; InputError 422.61 where its name stands for another."""
        self._content[sha256] = b"".join(checked(sha256, pieces))

    def get(self, sha256: str) -> bytes:
        """The content; NotFoundError 404.6 if it is not here."""
        if sha256 not in self._content:
            raise NotFoundError("404.6", words("File {sha256} is not here.", sha256=sha256[:12]))
        return self._content[sha256]

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""
        return sha256 in self._content

    def drop(self, sha256: str) -> None:
        """Delete the content for good; nothing where it is not here."""
        self._content.pop(sha256, None)
