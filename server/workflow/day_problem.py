"""Builds a branch's day as a routing problem: pairs still on duty, candidates, travel between them."""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fieldsync.domain.calendar import Window
from fieldsync.domain.itinerary import Candidate
from fieldsync.domain.officer import Pair
from fieldsync.domain.place import Point
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.problem import Problem, Vehicle
from fieldsync.planner.stops import client_of
from fieldsync.ports import TravelMatrix, TravelTimes


@dataclass(frozen=True, slots=True)
class DayProblem:
    """The problem with what is needed to read its answer: `row_of` finds a point in the matrix."""

    problem: Problem
    pairs: tuple[Pair, ...]
    shifts: tuple[Window, ...]
    candidates: tuple[Candidate, ...]
    matrix: TravelMatrix
    row_of: dict[Point, int]
    origin: datetime

    def clock(self, pair: Pair) -> DayClock:
        """The planner's clock, telling the time of the pair's zone."""
        return DayClock(self.origin.astimezone(ZoneInfo(pair.zone)))


def shift_of(pair: Pair, day: date) -> Window:
    """The pair's shift on a day; one that ends before it begins goes past midnight."""
    zone = ZoneInfo(pair.zone)
    ends_on = day if pair.shift_end > pair.shift_start else day + timedelta(days=1)
    return Window(
        datetime.combine(day, pair.shift_start, zone),
        datetime.combine(ends_on, pair.shift_end, zone),
    )


def build_problem(
    pairs: Sequence[Pair],
    candidates: Sequence[Candidate],
    day: date,
    now: datetime,
    travel: TravelTimes,
) -> DayProblem:
    """The problem from `now` on: a pair whose shift is over is left out, one under way starts now."""
    on_duty = [pair for pair in pairs if now < shift_of(pair, day).end]
    origin = datetime.combine(day, time(), ZoneInfo(pairs[0].zone))
    clock = DayClock(origin)
    points = [p for pair in on_duty for p in (pair.start, pair.end)] + [c.point for c in candidates]
    row_of = {point: row for row, point in enumerate(dict.fromkeys(points))}
    matrix = travel.matrix(list(row_of))
    shifts = [shift_of(pair, day) for pair in on_duty]
    vehicles = tuple(
        Vehicle(
            name=pair.pair_id,
            start=row_of[pair.start],
            end=row_of[pair.end],
            shift_start=clock.seconds(max(shift.start, now)),
            shift_end=clock.seconds(shift.end),
            max_stops=pair.max_stops,
        )
        for pair, shift in zip(on_duty, shifts, strict=True)
    )
    clients = tuple(client_of(c, row_of[c.point], clock) for c in candidates)
    return DayProblem(
        Problem(vehicles, clients, matrix.seconds),
        tuple(on_duty),
        tuple(shifts),
        tuple(candidates),
        matrix,
        row_of,
        origin,
    )


def matrix_hash(matrix: TravelMatrix) -> str:
    """SHA-256 of the travel seconds, row by row as 32-bit little-endian numbers."""
    digest = hashlib.sha256()
    for row in matrix.seconds:
        numbers = array("i", row)
        digest.update(numbers.tobytes())
    return digest.hexdigest()
