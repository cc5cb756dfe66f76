"""Travel times on real roads, pair by pair an estimate where the map knows no way.

A plan never fails for want of a road server: what it does not answer, or not in time, is geodesic,
and the matrix says how much of it is which.
"""

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fieldsync.adapters.geodesic import SOURCE, GeodesicTravel
from fieldsync.adapters.roads_blocks import Block, halves, near_first
from fieldsync.adapters.roads_cache import RoadCache
from fieldsync.adapters.roads_valhalla import (
    Leg,
    RoadEngine,
    RoadRefusedError,
    ask_block,
    placed_on_roads,
    version_of,
)
from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.errors import UnreachableError
from fieldsync.planner.travel import PACES, SAME_PLACE_M
from fieldsync.ports import Clock, TravelMatrix
from fieldsync.words import Words, words

# About a metre: the same door after a book was read again.
_PLACES = 5
# Valhalla's number for a question with too many pairs.
_TOO_MANY = 150
# Cuts that one matrix may cost besides its blocks, so that an odd map cannot make it endless.
_MOST_CUTS = 200
_LOCATED_AT_ONCE = 500


@dataclass(slots=True)
class _Sheet:
    """A matrix being filled in: legs of the road by point number, and what is still to be told."""

    points: list[Point]
    mode: TravelMode
    legs: list[dict[int, Leg]]
    asked: list[tuple[int, dict[int, Leg]]] = field(default_factory=list)
    note: Words | None = None


class EstimatedTravel:
    """The TravelTimes port where roads were wanted and cannot be had; `reason` says why."""

    def __init__(self, reason: Words) -> None:
        self._note = _estimated(reason)

    def matrix(self, points: Sequence[Point], mode: TravelMode = TravelMode.CAR) -> TravelMatrix:
        """The geodesic matrix, with the reason."""
        return replace(GeodesicTravel().matrix(points, mode), note=self._note)


class RoadTravel:
    """The TravelTimes port on an engine's roads, for at most `limit_s` seconds a matrix."""

    def __init__(
        self, engine: RoadEngine, clock: Clock, *, cache: RoadCache | None = None, limit_s: int = 60
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._cache = cache
        self._limit_ms = limit_s * 1000

    def matrix(self, points: Sequence[Point], mode: TravelMode = TravelMode.CAR) -> TravelMatrix:
        """Seconds and metres of the way between all points, with their sources."""
        estimate = GeodesicTravel().matrix(points, mode)
        rounded = [Point(round(p.lat, _PLACES), round(p.lon, _PLACES)) for p in points]
        try:
            name, edition = version_of(self._engine)
        except (UnreachableError, RoadRefusedError) as error:
            return replace(estimate, note=_estimated(_reason(error)))
        sheet = _Sheet(rounded, mode, [{} for _ in rounded])
        if self._cache is not None:
            sheet.legs = self._cache.read(edition, mode, rounded, self._clock.now())
        try:
            self._ask_all(sheet)
        except (UnreachableError, RoadRefusedError) as error:
            sheet.note = _estimated(_reason(error))
        if self._cache is not None:
            self._cache.keep(edition, mode, rounded, sheet.asked, self._clock.now())
        return _merged(estimate, sheet, name)

    def _ask_all(self, sheet: _Sheet) -> None:
        """Ask for what the cache did not have, until it is answered or the time is over."""
        deadline = self._clock.monotonic_ms() + self._limit_ms
        largest, cuts = self._engine.largest, _MOST_CUTS
        waiting = deque(near_first(sheet.points, self._on_roads(sheet), largest))
        while waiting:
            block = _unknown(waiting.popleft(), sheet)
            pairs = len(block[0]) * len(block[1])
            if not pairs:
                continue
            if self._clock.monotonic_ms() > deadline:
                sheet.note = words(
                    "The road server took too long; part of the travel times are estimates."
                )
                return
            if pairs <= largest:
                try:
                    self._ask(block, sheet)
                    continue
                except RoadRefusedError as refused:
                    if pairs == 1 or not cuts:
                        continue
                    if refused.code == _TOO_MANY:
                        largest = pairs // 2
                    else:
                        cuts -= 1
            waiting.extendleft(reversed(halves(block)))

    def _on_roads(self, sheet: _Sheet) -> list[int]:
        """The numbers of points that have something to ask for and lie near a way."""
        size = len(sheet.points)
        lacking = [n for n in range(size) if len(sheet.legs[n]) < size - 1]
        found: list[int] = []
        for begin in range(0, len(lacking), _LOCATED_AT_ONCE):
            some = lacking[begin : begin + _LOCATED_AT_ONCE]
            near = placed_on_roads(self._engine, [sheet.points[n] for n in some], sheet.mode)
            found += [n for n, is_near in zip(some, near, strict=True) if is_near]
        return found

    def _ask(self, block: Block, sheet: _Sheet) -> None:
        sources, targets = block
        places = [[sheet.points[n] for n in side] for side in block]
        answer = ask_block(self._engine, places[0], places[1], sheet.mode)
        for source, row in zip(sources, answer, strict=True):
            legs = {t: leg for t, leg in zip(targets, row, strict=True) if t != source}
            sheet.legs[source].update(legs)
            sheet.asked.append((source, legs))


def _unknown(block: Block, sheet: _Sheet) -> Block:
    """The rows and columns of a block that have a pair nobody was asked for yet."""
    sources, targets = block
    rows = {s: [t for t in targets if t != s and t not in sheet.legs[s]] for s in sources}
    wanted = set().union(*rows.values()) if rows else set()
    return tuple(s for s in sources if rows[s]), tuple(t for t in targets if t in wanted)


def _merged(estimate: TravelMatrix, sheet: _Sheet, name: str) -> TravelMatrix:
    """The estimate with the legs of the road written over it."""
    leg_s = PACES[sheet.mode].leg_s
    seconds = tuple(array("i", row) for row in estimate.seconds)
    metres = tuple(array("i", row) for row in estimate.metres)
    known = 0
    for i, legs in enumerate(sheet.legs):
        for j, leg in legs.items():
            if leg is None:
                continue
            known += 1
            if estimate.metres[i][j] >= SAME_PLACE_M:
                seconds[i][j], metres[i][j] = leg[0] + leg_s, leg[1]
    unknown = len(sheet.points) * (len(sheet.points) - 1) - known
    pairs = ((name, known), (SOURCE, unknown))
    note = sheet.note
    if not known and unknown and note is None:
        note = _estimated(words("The road map knows no way between any of these places."))
    return TravelMatrix(seconds, metres, _told(pairs), pairs, note)


def _told(pairs: Sequence[tuple[str, int]]) -> str:
    """The sources with their shares, such as "valhalla 3.9.1 (97 %), geodesic (3 %)"."""
    some = [(name, count) for name, count in pairs if count]
    if len(some) < len(pairs):
        return some[0][0] if some else SOURCE
    total = sum(count for _name, count in some)
    # No share is rounded to nothing or to all.
    first = min(99, max(1, round(100 * some[0][1] / total)))
    return f"{some[0][0]} ({first} %), {some[1][0]} ({100 - first} %)"


def _reason(error: UnreachableError | RoadRefusedError) -> Words:
    if isinstance(error, UnreachableError):
        return error.message
    return words("The road server refused the question ({code}).", code=error.code)


def _estimated(reason: Words) -> Words:
    return words("{reason} Travel times without a road are estimates.", reason=reason)
