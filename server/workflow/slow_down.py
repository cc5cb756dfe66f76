"""How long whoever failed too often has to wait: the one rule for sign-in and for unsigned requests."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from server.store.sign_in_tries import Tries, note_failure, tries_held, tries_of

_SPAN = timedelta(hours=1)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
_MOST_DOUBLINGS = 5
# The wait doubles with as many further failures for each five that were free.
_STEP = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts that a try belongs to, each with how many slips are free."""

    pairs: tuple[tuple[str, str], ...]
    free: tuple[int, ...]


def wait_of(conn: Connection, tried: Counted, now: datetime) -> timedelta:
    """How long to wait before such a try is looked at; zero or less where it may be at once."""
    return _longest(tries_of(conn, tried.pairs), tried, now)


def wait_held(conn: Connection, tried: Counted, now: datetime) -> timedelta:
    """The same; whoever asks for one of these counts meanwhile waits until this transaction ends."""
    return _longest(tries_held(conn, tried.pairs, now), tried, now)


def count(conn: Connection, tried: Counted, now: datetime) -> None:
    """One more failed."""
    for who, source in tried.pairs:
        note_failure(conn, who, source, now, now - _SPAN)


def _longest(found: dict[tuple[str, str], Tries], tried: Counted, now: datetime) -> timedelta:
    waits = [
        _until(found[pair], free) - now
        for pair, free in zip(tried.pairs, tried.free, strict=True)
        if pair in found
    ]
    return max(waits, default=timedelta())


def _until(tries: Tries, free: int) -> datetime:
    count_so_far, last_at = tries
    if count_so_far < free:
        return last_at
    doublings = min((count_so_far - free) * _STEP // free, _MOST_DOUBLINGS)
    return last_at + min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
