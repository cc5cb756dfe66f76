"""Walks a route with a watch: when each visit begins and ends, and what makes a route illegal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from fieldsync.planner.on_the_way import arrival, latest_departure
from fieldsync.planner.pair_day import PairDay
from fieldsync.planner.problem import CONTINUITY_POINTS, Problem, Routes, Travel, Vehicle


class Fault(StrEnum):
    """Why a route cannot be walked."""

    TOO_LATE = "too_late"  # at some visit every window is over
    AFTER_SHIFT = "after_shift"  # the end is reached after the shift
    TOO_MANY = "too_many"  # more visits than the pair may make
    CANNOT = "cannot"  # a visit needs a skill or a language that the pair has not
    TWICE = "twice"  # one case at two of its addresses
    NO_LUNCH = "no_lunch"  # nowhere in the day is there room for the break


@dataclass(frozen=True, slots=True)
class Timed:
    """One visit of a walked route, in seconds: the leg that leads here, then arrive, start, leave."""

    client: int
    travel: int
    arrive: int
    start: int
    leave: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """A walked route; `fault` is None where it is legal, else the visits before the fault are timed.

    `lunch` is when the break begins and ends, None where none is due.
    """

    vehicle: int
    visits: tuple[Timed, ...]
    depart: int
    back: int
    fault: Fault | None = None
    lunch: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Break:
    """Where the break is tried: before visit number `index`, on arriving there or before the way."""

    index: int
    on_arrival: bool


def walk(problem: Problem, vehicle: int, route: Sequence[int]) -> Timetable:
    """The timetable of a route: every visit as early as it may be, the departure as late as it may.

    Starting each visit at its earliest is never worse later on (arriving earlier never makes one
    start later), so that a route faulted here cannot be walked in any other rhythm. A break is due
    where the pair is on the road while it may begin; of all places for it the one that brings the
    pair back first is taken.
    """
    pair = problem.vehicles[vehicle]
    fault = _unfit(problem, pair, route)
    if fault is not None:
        return Timetable(vehicle, (), pair.shift_start, pair.shift_start, fault)
    straight = _walk(problem, vehicle, route, None)
    if not _is_hungry(pair, straight):
        return straight
    fitting = (table for table in _with_break(problem, vehicle, route) if table.fault is None)
    best = min(fitting, key=lambda table: table.back, default=None)
    return replace(straight, fault=Fault.NO_LUNCH) if best is None else best


def is_legal(problem: Problem, vehicle: int, route: Sequence[int]) -> bool:
    """Whether `walk` finds no fault; many times quicker, for searches."""
    unfit = _unfit(problem, problem.vehicles[vehicle], route)
    return unfit is None and PairDay(problem, vehicle, route).is_legal


def _is_hungry(pair: Vehicle, straight: Timetable) -> bool:
    """Whether a legal day without a break needs one: the pair is on the road while it may begin."""
    lunch = pair.lunch
    if lunch is None or straight.fault is not None or not straight.visits:
        return False
    return pair.shift_start <= lunch.latest and straight.back > lunch.earliest


def _with_break(problem: Problem, vehicle: int, route: Sequence[int]) -> Iterator[Timetable]:
    """The day with its break at each place in turn, the way home last."""
    for index in range(len(route)):
        for on_arrival in (False, True):
            yield _walk(problem, vehicle, route, _Break(index, on_arrival))
    yield _walk(problem, vehicle, route, _Break(len(route), on_arrival=False))


def _unfit(problem: Problem, pair: Vehicle, route: Sequence[int]) -> Fault | None:
    """What is wrong with the route whatever the time."""
    if len(route) > pair.max_stops:
        return Fault.TOO_MANY
    if not all(pair.can(problem.clients[number].needs) for number in route):
        return Fault.CANNOT
    groups = [group for number in route if (group := problem.clients[number].group)]
    return Fault.TWICE if len(groups) != len(set(groups)) else None


def _walk(problem: Problem, vehicle: int, route: Sequence[int], pause: _Break | None) -> Timetable:
    """The timetable with the break at one place, or with none."""
    day = _Walk(problem, vehicle, problem.vehicles[vehicle].shift_start)
    for index, number in enumerate(route):
        here = pause is not None and pause.index == index
        fault = day.visit(number, pause if here else None)
        if fault is not None:
            return day.ended(day.free_at, fault)
    return day.home(with_break=pause is not None and pause.index == len(route))


@dataclass(slots=True)
class _Walk:
    """A pair on its way: from when on it is free, what it did and when it ate."""

    problem: Problem
    vehicle: int
    free_at: int
    visits: list[Timed] = field(default_factory=list)
    lunch: tuple[int, int] | None = None

    @property
    def pair(self) -> Vehicle:
        return self.problem.vehicles[self.vehicle]

    def visit(self, number: int, pause: _Break | None) -> Fault | None:
        """Go there and make the visit, with a break before the way or on arriving."""
        client = self.problem.clients[number]
        if pause is not None and not pause.on_arrival and not self._eat(self.free_at):
            return Fault.NO_LUNCH
        ready = self._reached(client.at)
        if pause is not None and pause.on_arrival:
            if not self._eat(ready):
                return Fault.NO_LUNCH
            ready = self.lunch[1] if self.lunch else ready
        start = client.earliest_start(ready)
        if start is None:
            return Fault.TOO_LATE
        left_at = self._left_at(client.at, start)
        arrive = self._reached(client.at, left_at)
        self.visits.append(Timed(number, arrive - left_at, arrive, start, start + client.service_s))
        self.free_at = start + client.service_s
        return None

    def home(self, *, with_break: bool) -> Timetable:
        """Back at the end of the day; who visited nobody has stayed where it was."""
        if with_break and not self._eat(self.free_at):
            return self.ended(self.free_at, Fault.NO_LUNCH)
        back = self._reached(self.pair.end) if self.visits else self.free_at
        return self.ended(back, Fault.AFTER_SHIFT if back > self.pair.shift_end else None)

    def ended(self, back: int, fault: Fault | None) -> Timetable:
        """What became of the day."""
        begin = self.pair.shift_start
        depart = self.visits[0].arrive - self.visits[0].travel if self.visits else begin
        if fault in {Fault.TOO_LATE, Fault.NO_LUNCH}:
            depart = begin
        return Timetable(self.vehicle, tuple(self.visits), depart, back, fault, self.lunch)

    def _here(self) -> int:
        if not self.visits:
            return self.pair.start
        return self.problem.clients[self.visits[-1].client].at

    def _reached(self, row: int, left_at: int | None = None) -> int:
        leg = self.problem.legs(self.vehicle)[self._here()][row]
        return arrival(self.pair.rush, self.free_at if left_at is None else left_at, leg)

    def _left_at(self, row: int, start: int) -> int:
        """When the pair leaves: at once, but the first time as late as it may."""
        if self.visits or self.lunch is not None:
            return self.free_at
        leg = self.problem.legs(self.vehicle)[self._here()][row]
        return latest_departure(self.pair.rush, self.free_at, start, leg)

    def _eat(self, from_s: int) -> bool:
        """The break, for a pair that has nothing to do from then on; not if it is too late for it."""
        rule = self.pair.lunch
        if rule is None or from_s > rule.latest:
            return False
        begin = max(from_s, rule.earliest)
        self.lunch = (begin, begin + rule.length_s)
        if from_s == self.free_at:
            self.free_at = self.lunch[1]
        return True


def walk_all(problem: Problem, routes: Routes) -> tuple[Timetable, ...]:
    """Every vehicle's timetable."""
    return tuple(walk(problem, number, route) for number, route in enumerate(routes))


def value(problem: Problem, routes: Routes) -> int:
    """What the routes are worth in seconds: prizes less driving; the more the better."""
    return sum(_route_value(problem, v, route) for v, route in enumerate(routes))


def _route_value(problem: Problem, vehicle: int, route: Sequence[int]) -> int:
    if not route:
        return 0
    pair = problem.vehicles[vehicle]
    points = sum(
        problem.clients[c].weight + CONTINUITY_POINTS * (problem.clients[c].prefers == vehicle)
        for c in route
    )
    return points * problem.seconds_per_point - driving(
        problem.legs(vehicle), [pair.start, *(problem.clients[c].at for c in route), pair.end]
    )


def driving(legs: Travel, rows: Sequence[int]) -> int:
    """Seconds on the way along matrix rows, without rush."""
    return sum(legs[a][b] for a, b in pairwise(rows))


def served(routes: Iterable[Iterable[int]]) -> frozenset[int]:
    """The clients that somebody visits."""
    return frozenset(client for route in routes for client in route)
