"""Shares a day's work fairly: visits go from the longest working days to the shortest, for little driving.

A search that counts points and driving alone gives one pair twelve visits and another two, where
there are fewer cases than hands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fieldsync.planner.pair_day import PairDay
from fieldsync.planner.problem import Problem, Routes
from fieldsync.planner.timetable import driving, walk

# Two days that differ by less are even: a visit and its way take about that long.
_EVEN_S = 3600
# What a fairer day may cost on the road, each time a visit changes hands.
_MOST_DETOUR_S = 450
# A visit is offered to so many of the shortest days.
_OFFERED_TO = 8


@dataclass(frozen=True, slots=True)
class _Move:
    """A visit that changes hands, and both routes and working times afterwards."""

    giver: int
    taker: int
    given: tuple[int, ...]
    taken: tuple[int, ...]
    given_s: int
    taken_s: int


def balance(problem: Problem, routes: Routes) -> Routes:
    """The same visits, every day lawful, the working days more even where they were not.

    A visit stays with the pair that knows the borrower. Each move leaves both days shorter than the
    longer one was, so that it comes to an end.
    """
    shared = list(routes)
    worked = [_worked(problem, v, route) for v, route in enumerate(shared)]
    while (move := _first_move(problem, shared, worked)) is not None:
        shared[move.giver], worked[move.giver] = move.given, move.given_s
        shared[move.taker], worked[move.taker] = move.taken, move.taken_s
    return tuple(shared)


def _worked(problem: Problem, vehicle: int, route: tuple[int, ...]) -> int:
    """Seconds from leaving to being back; 0 for a pair that stays."""
    day = walk(problem, vehicle, route)
    return day.back - day.depart if day.visits else 0


def _first_move(problem: Problem, routes: list[tuple[int, ...]], worked: list[int]) -> _Move | None:
    """The best move away from the longest day that has one."""
    by_work = sorted(range(len(routes)), key=lambda v: (worked[v], v))
    takers = by_work[:_OFFERED_TO]
    for giver in reversed(by_work):
        if worked[giver] - worked[by_work[0]] < _EVEN_S:
            return None
        moves = _moves(problem, routes, worked, giver, takers)
        best = min(moves, key=lambda m: m.given_s**2 + m.taken_s**2, default=None)
        if best is not None:
            return best
    return None


def _moves(
    problem: Problem,
    routes: list[tuple[int, ...]],
    worked: list[int],
    giver: int,
    takers: list[int],
) -> Iterator[_Move]:
    days = [PairDay(problem, v, routes[v]) for v in takers if worked[giver] - worked[v] >= _EVEN_S]
    for place, client in enumerate(routes[giver]):
        if problem.clients[client].prefers == giver:
            continue
        given = routes[giver][:place] + routes[giver][place + 1 :]
        for day in days:
            move = _move(problem, routes, giver, day, client, given)
            if move is not None and max(move.given_s, move.taken_s) < worked[giver]:
                yield move


def _move(
    problem: Problem,
    routes: list[tuple[int, ...]],
    giver: int,
    day: PairDay,
    client: int,
    given: tuple[int, ...],
) -> _Move | None:
    """The visit in the taker's day, if it fits there, costs little, and both days are lawful."""
    place = day.place_for(client)
    if place is None:
        return None
    before = routes[day.vehicle]
    taken = (*before[: place.position], client, *before[place.position :])
    more = _driven(problem, day.vehicle, taken) - _driven(problem, day.vehicle, before)
    less = _driven(problem, giver, routes[giver]) - _driven(problem, giver, given)
    lawful = not (walk(problem, giver, given).fault or walk(problem, day.vehicle, taken).fault)
    if more - less > _MOST_DETOUR_S or not lawful:
        return None
    return _Move(
        giver,
        day.vehicle,
        given,
        taken,
        _worked(problem, giver, given),
        _worked(problem, day.vehicle, taken),
    )


def _driven(problem: Problem, vehicle: int, route: tuple[int, ...]) -> int:
    """Seconds on the way; a pair with no visit stays at home."""
    pair = problem.vehicles[vehicle]
    rows = [pair.start, *(problem.clients[c].at for c in route), pair.end]
    return driving(problem.legs(vehicle), rows) if route else 0
