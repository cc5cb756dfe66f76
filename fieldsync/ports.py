"""The doors of the core: the core asks, an adapter answers, and each door has one contract test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fieldsync.domain.notice import Letter
from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.words import Words


class Clock(Protocol):
    """The wall clock and the monotonic clock of this machine."""

    def now(self) -> datetime:
        """The present instant, aware, with the machine's offset."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds since this machine was started; never goes back."""
        ...

    def boot_id(self) -> str:
        """An id of the present boot, so that monotonic readings of two boots are never compared."""
        ...


class Randomness(Protocol):
    """A source of bytes fit for keys and ids."""

    def token(self, length: int) -> bytes:
        """That many random bytes."""
        ...


@dataclass(frozen=True, slots=True)
class TravelMatrix:
    """Travel between points: `seconds[i][j]` and `metres[i][j]` from i to j, and where they came from.

    `source` names that in one line; `pairs` counts the pairs of two different places by source, and
    `note` is what a planner should be told besides (the road server was away).
    """

    seconds: Sequence[Sequence[int]]
    metres: Sequence[Sequence[int]]
    source: str
    pairs: tuple[tuple[str, int], ...] = ()
    note: Words | None = None


class TravelTimes(Protocol):
    """How long it takes from each of some points to each other one."""

    def matrix(self, points: Sequence[Point], mode: TravelMode = TravelMode.CAR) -> TravelMatrix:
        """The whole square matrix for pairs that get about in this mode, in the order of `points`."""
        ...


class BlobStore(Protocol):
    """Files by the SHA-256 of their content; a name is published only when its bytes are whole."""

    def put(self, content: bytes) -> str:
        """Keep the content durably and return its SHA-256 in hex; keeping it twice is the same."""
        ...

    def put_pieces(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Keep content that comes in pieces, durably and under this name.

        InputError 422.61 where it is another content than its name says: then nothing is kept.
        """
        ...

    def get(self, sha256: str) -> bytes:
        """The content; NotFoundError 404.6 if it is not here."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""
        ...

    def drop(self, sha256: str) -> None:
        """Delete the content for good; nothing where it is not here."""
        ...


class Notifier(Protocol):
    """A channel on which borrowers are told something in writing."""

    @property
    def channel(self) -> str:
        """What the channel is called in records: `file`, `smtp` or `webhook`."""
        ...

    @property
    def repeatable(self) -> bool:
        """Whether the same letter handed over twice is certain to reach nobody twice."""
        ...

    def give(self, letter: Letter) -> None:
        """Hand the letter over; when this returns, the channel has taken it.

        Raises:
            UnreachableError: 502.1 it was not taken, try again; 502.2 it was refused, trying again
                is of no use; 502.3 nobody knows whether it was taken.
        """
        ...
