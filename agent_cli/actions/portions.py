"""Sends no more at once than the line has lately let through, and remembers how it went."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from agent_cli.cipher import sqlite3
from agent_cli.store.portions import last_portion, note_portion
from fieldsync.errors import FieldsyncError, UnreachableError
from fieldsync.sync.portion import Portion, after_break, after_success

# No answer in time, broken off, dripping: the request was on its way. Where there was no way at all
# (601.1), its size had no part in it.
_ON_ITS_WAY = frozenset({"601.3", "601.6", "601.7"})


@dataclass(frozen=True, slots=True)
class Portions:
    """One sort of what goes up, from `least` to `most` bytes at once."""

    conn: sqlite3.Connection
    sort: str
    least: int
    most: int

    @property
    def size(self) -> int:
        """Bytes that the next request may carry."""
        return self._last().size

    @contextmanager
    def sending(self, size: int, *, divisible: bool = True) -> Iterator[None]:
        """Around a request with so many bytes; what cannot be divided any more teaches nothing by breaking."""
        before = self._last()
        try:
            yield
        except UnreachableError as error:
            if divisible and error.code in _ON_ITS_WAY:
                # The line's error is told even where a full disk keeps it from being remembered.
                with suppress(FieldsyncError):
                    self._note(before, after_break(before, size, self.least))
            raise
        self._note(before, after_success(before, size, self.most))

    def _last(self) -> Portion:
        known = last_portion(self.conn, self.sort)
        if known is None or known.size > self.most:
            return Portion(self.most)
        return known

    def _note(self, before: Portion, now: Portion) -> None:
        if now != before:
            note_portion(self.conn, self.sort, now)
