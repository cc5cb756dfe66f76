"""Builds a branch's day as a routing problem: pairs still on duty, candidates, travel between them."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fieldsync.domain.calendar import Window
from fieldsync.domain.codec import to_json
from fieldsync.domain.itinerary import Candidate, LunchRule, RushHour
from fieldsync.domain.officer import Pair
from fieldsync.domain.place import Point
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.problem import Problem, Vehicle
from fieldsync.planner.stops import client_of, is_language, language_need, lunch_of, rush_of
from fieldsync.ports import TravelMatrix, TravelTimes
from server.planning_settings import PlanningSettings


@dataclass(frozen=True, slots=True)
class DayProblem:
    """The problem with what is needed to read its answer: `row_of` finds a point in the matrix."""

    problem: Problem
    pairs: tuple[Pair, ...]
    shifts: tuple[Window, ...]
    candidates: tuple[Candidate, ...]
    matrices: tuple[TravelMatrix, ...]
    row_of: dict[Point, int]
    origin: datetime

    def matrix_of(self, vehicle: int) -> TravelMatrix:
        """The travel of a pair by the way it gets about."""
        return self.matrices[self.problem.vehicles[vehicle].profile]

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


def lunch_rule(pair: Pair, day: date) -> LunchRule | None:
    """What the pair's break must be on a day."""
    if pair.lunch is None:
        return None
    zone = ZoneInfo(pair.zone)
    begins = (datetime.combine(day, at, zone) for at in (pair.lunch.earliest, pair.lunch.latest))
    return LunchRule(pair.lunch.minutes * 60, Window(*begins))


def rush_hours(pair: Pair, day: date, settings: PlanningSettings) -> tuple[RushHour, ...]:
    """When the way takes longer on a day, for the way in which the pair gets about."""
    zone = ZoneInfo(pair.zone)
    return tuple(
        RushHour(
            Window(datetime.combine(day, one.begin, zone), datetime.combine(day, one.end, zone)),
            one.percent,
        )
        for one in settings.rush.get(pair.mode, ())
    )


def skills_of(pair: Pair, pairs: Sequence[Pair], needs: Iterable[str]) -> frozenset[str]:
    """Of the needs of the day those that a pair can meet.

    Where the bank says of nobody what they speak, or what they are trained in, that need binds nobody.
    """
    speaks = frozenset(map(language_need, pair.languages))
    says_skills = any(one.skills for one in pairs)
    return frozenset(
        need
        for need in needs
        if (
            need in speaks or not speaks
            if is_language(need)
            else not says_skills or need in pair.skills
        )
    )


def build_problem(
    pairs: Sequence[Pair],
    candidates: Sequence[Candidate],
    day: date,
    now: datetime,
    travel: TravelTimes,
    settings: PlanningSettings,
) -> DayProblem:
    """The problem from `now` on: a pair whose shift is over is left out, one under way starts now."""
    on_duty = [pair for pair in pairs if now < shift_of(pair, day).end]
    origin = datetime.combine(day, time(), ZoneInfo(pairs[0].zone))
    clock = DayClock(origin)
    points = [p for pair in on_duty for p in (pair.start, pair.end)] + [c.point for c in candidates]
    row_of = {point: row for row, point in enumerate(dict.fromkeys(points))}
    modes = list(dict.fromkeys(pair.mode for pair in on_duty))
    matrices = tuple(travel.matrix(list(row_of), mode) for mode in modes)
    shifts = [shift_of(pair, day) for pair in on_duty]
    needs = {need for candidate in candidates for need in candidate.needs}
    vehicles = tuple(
        Vehicle(
            name=pair.pair_id,
            start=row_of[pair.start],
            end=row_of[pair.end],
            shift_start=clock.seconds(max(shift.start, now)),
            shift_end=clock.seconds(shift.end),
            max_stops=pair.max_stops,
            profile=modes.index(pair.mode),
            skills=skills_of(pair, pairs, needs),
            lunch=lunch_of(lunch_rule(pair, day), clock),
            rush=rush_of(rush_hours(pair, day, settings), clock),
        )
        for pair, shift in zip(on_duty, shifts, strict=True)
    )
    number_of = {pair.pair_id: number for number, pair in enumerate(on_duty)}
    often = Counter(c.case_id for c in candidates)
    clients = tuple(
        replace(
            client_of(c, row_of[c.point], clock),
            prefers=number_of.get(c.prefers),
            group=c.case_id if often[c.case_id] > 1 else "",
        )
        for c in candidates
    )
    first, *others = (matrix.seconds for matrix in matrices)
    return DayProblem(
        Problem(vehicles, clients, first, settings.seconds_per_point, tuple(others)),
        tuple(on_duty),
        tuple(shifts),
        tuple(candidates),
        matrices,
        row_of,
        origin,
    )


def matrix_hash(matrices: Sequence[TravelMatrix]) -> str:
    """SHA-256 of the travel seconds, row by row as 32-bit little-endian numbers, one way after another."""
    digest = hashlib.sha256()
    for matrix in matrices:
        for row in matrix.seconds:
            digest.update(array("i", row).tobytes())
    return digest.hexdigest()


def problem_hash(built: DayProblem) -> str:
    """SHA-256 of everything but travel that the plan is made from: pairs on duty, candidates, weights."""
    problem = built.problem
    told = (problem.vehicles, problem.clients, problem.seconds_per_point)
    return hashlib.sha256(to_json(told).encode()).hexdigest()
