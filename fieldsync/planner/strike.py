"""Strikes stops off a day that is already out: the others keep their times, for people may have been told."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from fieldsync.domain.itinerary import Itinerary, Stop

# Matrix rows of an itinerary: the start, the end, then the candidates.
_START, _END, _FIRST_CANDIDATE = 0, 1, 2

_Matrix = tuple[tuple[int, ...], ...]


def struck(itinerary: Itinerary, case_ids: Collection[str]) -> Itinerary:
    """The day without these cases, neither as stops nor as spares; the same where it has none of them.

    The version is the caller's to raise. Each stop that follows a struck one is reached from the one
    before it, no later than planned; it begins when it was to begin.
    """
    if not any(candidate.case_id in case_ids for candidate in itinerary.candidates) and not any(
        stop.case_id in case_ids for stop in itinerary.stops
    ):
        return itinerary
    size = _FIRST_CANDIDATE + len(itinerary.candidates)
    whole = all(len(m) == size for m in (itinerary.travel_s, itinerary.distance_m))
    kept = [
        row
        for row in range(len(itinerary.travel_s) if whole else 0)
        if row < _FIRST_CANDIDATE
        or itinerary.candidates[row - _FIRST_CANDIDATE].case_id not in case_ids
    ]
    gone = [stop.case_id for stop in itinerary.stops if stop.case_id in case_ids]
    stops = tuple(stop for stop in itinerary.stops if stop.case_id not in case_ids)
    shorter = replace(
        itinerary,
        stops=stops,
        candidates=tuple(c for c in itinerary.candidates if c.case_id not in case_ids),
        travel_s=_without(itinerary.travel_s, kept) if whole else itinerary.travel_s,
        distance_m=_without(itinerary.distance_m, kept) if whole else itinerary.distance_m,
        struck=tuple(dict.fromkeys((*itinerary.struck, *gone))),
    )
    return _rewalked(shorter, itinerary) if whole else shorter


def _without(matrix: _Matrix, kept: list[int]) -> _Matrix:
    return tuple(tuple(matrix[row][column] for column in kept) for row in kept)


def _rewalked(day: Itinerary, before: Itinerary) -> Itinerary:
    """The legs between the stops that are left, from the matrices the day carries."""
    rows = {c.case_id: row for row, c in enumerate(day.candidates, _FIRST_CANDIDATE)}
    led_from = _neighbours(before)
    here, free_at = _START, day.shift.start
    walked: list[Stop] = []
    for place, stop in enumerate(day.stops):
        there = rows[stop.case_id]
        earlier = day.stops[place - 1].case_id if place else None
        if led_from[stop.case_id] != earlier:
            travel_s = day.travel_s[here][there]
            arrive = (
                min(stop.start, free_at + timedelta(seconds=travel_s)) if place else stop.arrive
            )
            leg_m = day.distance_m[here][there]
            walked.append(replace(stop, arrive=arrive, travel_s=travel_s, distance_m=leg_m))
        else:
            walked.append(stop)
        here, free_at = there, stop.leave
    if not walked:
        return replace(day, stops=(), return_at=day.shift.start)
    if before.stops[-1].case_id == walked[-1].case_id:
        return replace(day, stops=tuple(walked))
    back = free_at + timedelta(seconds=day.travel_s[here][_END])
    return replace(day, stops=tuple(walked), return_at=back)


def _neighbours(day: Itinerary) -> dict[str, str | None]:
    """By case: the case of the stop before it."""
    ids = [stop.case_id for stop in day.stops]
    return dict(zip(ids, [None, *ids[:-1]], strict=True))
