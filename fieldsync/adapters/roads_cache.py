"""Keeps what a road server answered in a SQLite file, so that tomorrow asks for new places only.

A row holds all legs from one place, in one mode, by one edition of the map. The file may be deleted
at any time; one that cannot be used is not used, and no plan fails for it.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from fieldsync.adapters.roads_valhalla import Leg
from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point

# Roads change, and so does what a city builds; a month is less than most maps are old.
LIFETIME = timedelta(days=30)
_MOST_BYTES = 512 * 1024 * 1024
# Other processes may be writing; a plan waits no longer for them than for the engine.
_PATIENCE_S = 10
_SCHEMA = """
CREATE TABLE IF NOT EXISTS legs (
    edition TEXT NOT NULL, mode TEXT NOT NULL, source INTEGER NOT NULL,
    kept_at INTEGER NOT NULL, targets BLOB NOT NULL, seconds BLOB NOT NULL, metres BLOB NOT NULL,
    PRIMARY KEY (edition, mode, source)) WITHOUT ROWID
"""
_KEEP = "INSERT OR REPLACE INTO legs VALUES (?, ?, ?, ?, ?, ?, ?)"
_READ = (
    "SELECT targets, seconds, metres, kept_at FROM legs "
    "WHERE edition = ? AND mode = ? AND source = ? AND kept_at > ?"
)
_OLDEST = (
    "DELETE FROM legs WHERE kept_at <= (SELECT kept_at FROM legs ORDER BY kept_at LIMIT 1 OFFSET ?)"
)
_NO_WAY = -1


class RoadCache:
    """Answers by place; safe with several processes, bounded in age and size."""

    def __init__(self, path: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes

    def read(
        self, edition: str, mode: TravelMode, points: Sequence[Point], now: datetime
    ) -> list[dict[int, Leg]]:
        """For each point the kept legs to the others, by their numbers."""
        oldest = int((now - LIFETIME).timestamp())
        numbers: dict[int, list[int]] = {}
        for number, point in enumerate(points):
            numbers.setdefault(_code(point), []).append(number)
        found: list[dict[int, Leg]] = [{} for _ in points]
        with suppress(sqlite3.Error, OSError), self._open() as conn:
            for number, point in enumerate(points):
                row = conn.execute(_READ, (edition, mode.value, _code(point), oldest)).fetchone()
                for target, leg in _legs_of(row).items():
                    found[number].update((n, leg) for n in numbers.get(target, ()) if n != number)
        return found

    def keep(
        self,
        edition: str,
        mode: TravelMode,
        points: Sequence[Point],
        asked: Iterable[tuple[int, dict[int, Leg]]],
        now: datetime,
    ) -> None:
        """Add the answers to what is kept from the same places; the oldest go where it is too much."""
        new: dict[int, dict[int, Leg]] = {}
        for source, legs in asked:
            known = new.setdefault(_code(points[source]), {})
            known.update((_code(points[target]), leg) for target, leg in legs.items())
        if not new:
            return
        oldest = int((now - LIFETIME).timestamp())
        with suppress(sqlite3.Error, OSError), self._open() as conn:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("DELETE FROM legs WHERE kept_at <= ?", (oldest,))
            for source, legs in new.items():
                row = conn.execute(_READ, (edition, mode.value, source, oldest)).fetchone()
                # A row is as old as its first answer, so that all of it is asked for again in time.
                kept_at = row[3] if row else int(now.timestamp())
                blobs = _blobs_of(_legs_of(row) | legs)
                conn.execute(_KEEP, (edition, mode.value, source, kept_at, *blobs))
            self._shrink(conn)
            conn.execute("COMMIT")

    def _shrink(self, conn: sqlite3.Connection) -> None:
        """Drop the older half while the rows are more than may be."""
        sizes = "SELECT count(*), coalesce(sum(length(targets) * 2), 0) FROM legs"
        while True:
            rows, size = conn.execute(sizes).fetchone()
            if size <= self._most_bytes:
                return
            conn.execute(_OLDEST, (rows // 2,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connect()) as conn:
                yield conn
        except sqlite3.DatabaseError as error:
            # A file that is no database any more helps nobody; it holds nothing but copies.
            if error.sqlite_errorcode in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                self._path.unlink(missing_ok=True)
            raise

    def _connect(self) -> sqlite3.Connection:
        conn = sqlite3.connect(self._path, timeout=_PATIENCE_S, isolation_level=None)
        conn.execute(_SCHEMA)
        return conn


def _code(point: Point) -> int:
    """A place as one number, to five decimals (a metre)."""
    return round((point.lat + 90) * 1e5) * 36_000_001 + round((point.lon + 180) * 1e5)


def _legs_of(row: tuple[bytes, bytes, bytes, int] | None) -> dict[int, Leg]:
    if row is None:
        return {}
    targets, seconds, metres = array("q", row[0]), array("i", row[1]), array("i", row[2])
    return {
        target: None if s == _NO_WAY else (s, m)
        for target, s, m in zip(targets, seconds, metres, strict=True)
    }


def _blobs_of(legs: dict[int, Leg]) -> tuple[bytes, bytes, bytes]:
    seconds = array("i", (_NO_WAY if leg is None else leg[0] for leg in legs.values()))
    metres = array("i", (0 if leg is None else leg[1] for leg in legs.values()))
    return array("q", legs).tobytes(), seconds.tobytes(), metres.tobytes()
