"""The solver that is always there: cheapest insertion and iterated local search in plain Python.

Takes the place of the compiled engine on a device without one, and mends routes on the server.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fieldsync.planner.draws import Draws
from fieldsync.planner.problem import CONTINUITY_POINTS, Budget, Client, Problem, Routes, Solved
from fieldsync.planner.timetable import is_legal, served, value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client fits: vehicle, position, and the extra driving in seconds."""

    vehicle: int
    position: int
    detour: int


class InsertionSolver:
    """The RouteSolver in plain Python; `watch` (seconds, monotonic) makes it heed the time limit."""

    name = "insertion 1"

    def __init__(self, watch: Callable[[], float] = lambda: 0.0) -> None:
        self._watch = watch

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """Fill the routes, then again and again take some visits out and fill anew."""
        draws, made = Draws(budget.seed), 0
        over_at = self._watch() + budget.seconds
        everyone = range(len(problem.clients))
        best = current = fill(problem, start, everyone)
        best_value = current_value = value(problem, best)
        while made < budget.iterations and self._watch() < over_at:
            made += 1
            trial = fill(problem, _shake(current, draws), everyone, draws)
            trial_value = value(problem, trial)
            if trial_value >= current_value:
                current, current_value = trial, trial_value
            if trial_value > best_value:
                best, best_value = trial, trial_value
        return Solved(best, made)


def fill(
    problem: Problem, routes: Routes, clients: Iterable[int], draws: Draws | None = None
) -> Routes:
    """Insert clients where they fit and pay, the best points per second first; never drops one.

    With `draws` now and then a client is passed over, so that a search meets other routes.
    """
    days = [_Day(problem, number, list(route)) for number, route in enumerate(routes)]
    taken = served(routes)
    groups = {group for c in taken if (group := problem.clients[c].group)}
    open_clients = [
        c
        for c in clients
        if c not in taken and problem.clients[c].windows and problem.clients[c].group not in groups
    ]
    if draws is not None:
        open_clients = [c for c in open_clients if draws.below(8)]
    offers = {c: [day.place_for(c) for day in days] for c in open_clients}
    best_of = {c: _cheapest(offers[c]) for c in open_clients}
    while (choice := _best(problem, best_of)) is not None:
        client, place = choice
        day = days[place.vehicle]
        if not day.holds(place.position, client):
            offers[client][day.vehicle] = None
            best_of[client] = _cheapest(offers[client])
            continue
        day.insert(place.position, client)
        for same in _same_case(problem, client, best_of):
            del best_of[same]
        for other, best in best_of.items():
            fresh = offers[other][day.vehicle] = day.place_for(other)
            if best is not None and best.vehicle == day.vehicle:
                best_of[other] = _cheapest(offers[other])
            elif fresh is not None and (best is None or fresh.detour < best.detour):
                best_of[other] = fresh
    return tuple(tuple(day.route) for day in days)


def find_place(problem: Problem, vehicle: int, route: Sequence[int], client: int) -> Place | None:
    """The cheapest place for a client in a legal route, whatever it costs; None if none is legal."""
    day = _Day(problem, vehicle, list(route))
    place = day.place_for(client)
    return place if place is not None and day.holds(place.position, client) else None


def _same_case(problem: Problem, client: int, others: Iterable[int]) -> list[int]:
    """The client and what else of its group is open."""
    group = problem.clients[client].group
    return [o for o in others if o == client or (group and problem.clients[o].group == group)]


def _cheapest(offers: Iterable[Place | None]) -> Place | None:
    return min((o for o in offers if o is not None), key=lambda o: o.detour, default=None)


def _best(problem: Problem, best_of: Mapping[int, Place | None]) -> tuple[int, Place] | None:
    """The client that collects the most points per second among those that pay their way."""
    best: tuple[float, int, Place] | None = None
    for number, place in best_of.items():
        client = problem.clients[number]
        if place is None or client.weight * problem.seconds_per_point <= place.detour:
            continue
        worth = client.weight / max(1, client.service_s + place.detour + 1)
        if best is None or worth > best[0]:
            best = (worth, number, place)
    return None if best is None else (best[1], best[2])


def _shake(routes: Routes, draws: Draws) -> Routes:
    """The routes with a stretch of one to three visits taken out of some of them."""
    shaken = []
    for route in routes:
        if not route or (len(routes) > 1 and draws.below(3)):
            shaken.append(route)
            continue
        begin = draws.below(len(route))
        shaken.append(route[:begin] + route[begin + 1 + draws.below(3) :])
    return tuple(shaken)


class _Day:
    """A route with its earliest and latest starts, so that a place is tried in constant time."""

    def __init__(self, problem: Problem, vehicle: int, route: list[int]) -> None:
        self.problem, self.vehicle, self.route = problem, vehicle, route
        self._pair, self._legs = problem.vehicles[vehicle], problem.legs(vehicle)
        self._is_plain = self._pair.lunch is None and not self._pair.rush
        self._time()

    def insert(self, position: int, client: int) -> None:
        self.route.insert(position, client)
        self._time()

    def holds(self, position: int, client: int) -> bool:
        """Whether the day with the client in is legal by the watch, break and rush included."""
        if self._is_plain:
            return True
        longer = [*self.route[:position], client, *self.route[position:]]
        return is_legal(self.problem, self.vehicle, longer)

    def place_for(self, number: int) -> Place | None:
        """The cheapest legal place for the client."""
        if len(self.route) >= self._pair.max_stops:
            return None
        client = self.problem.clients[number]
        if client.needs and not self._pair.can(client.needs):
            return None
        bonus = self._bonus(client)
        best: Place | None = None
        for position in range(len(self.route) + 1):
            detour = self._detour(client, position) - bonus
            if (best is None or detour < best.detour) and self._fits(client, position):
                best = Place(self.vehicle, position, detour)
        return best

    def _bonus(self, client: Client) -> int:
        """What a familiar face is worth, in seconds of driving."""
        is_known = client.prefers == self.vehicle
        return CONTINUITY_POINTS * self.problem.seconds_per_point if is_known else 0

    def _time(self) -> None:
        travel, clients = self._legs, self.problem.clients
        self._rows = [self._pair.start, *(clients[c].at for c in self.route), self._pair.end]
        self._free = [self._pair.shift_start]
        for index, number in enumerate(self.route):
            arrive = self._free[-1] + travel[self._rows[index]][self._rows[index + 1]]
            start = clients[number].earliest_start(arrive)
            self._free.append((arrive if start is None else start) + clients[number].service_s)
        # The break takes its time somewhere; where exactly, the watch says (`holds`). Only a day whose
        # last visit is so late that the break lies in the waiting before it is tried at full length.
        lunch_s = self._pair.lunch.length_s if self._pair.lunch else 0
        self._full = self._limits(self._pair.shift_end)
        self._latest = self._limits(self._pair.shift_end - lunch_s) if lunch_s else self._full
        if any(free > last for free, last in zip(self._arrivals(), self._latest, strict=True)):
            self._latest = self._full

    def _arrivals(self) -> list[int]:
        """When each visit starts, and when the pair is back."""
        clients = self.problem.clients
        starts = [
            free - clients[number].service_s
            for free, number in zip(self._free[1:], self.route, strict=True)
        ]
        return [*starts, self._free[-1] + self._legs[self._rows[-2]][self._rows[-1]]]

    def _limits(self, shift_end: int) -> list[int]:
        """The latest start of each visit that still gets the pair back in time, then that time."""
        travel, clients = self._legs, self.problem.clients
        latest = [shift_end]
        for index in range(len(self.route), 0, -1):
            client = clients[self.route[index - 1]]
            limit = latest[0] - travel[client.at][self._rows[index + 1]] - client.service_s
            last = client.latest_start(limit)
            latest.insert(0, -1 if last is None else last)
        return latest

    def _detour(self, client: Client, position: int) -> int:
        travel, rows = self._legs, self._rows
        before, after = rows[position], rows[position + 1]
        # An empty route drives nothing: a pair with no visit stays where it is.
        direct = travel[before][after] if self.route else 0
        return travel[before][client.at] + travel[client.at][after] - direct

    def _fits(self, client: Client, position: int) -> bool:
        travel, rows = self._legs, self._rows
        limits = self._full if client.is_appointment else self._latest
        start = client.earliest_start(self._free[position] + travel[rows[position]][client.at])
        if start is None:
            return False
        arrive = start + client.service_s + travel[client.at][rows[position + 1]]
        if position < len(self.route):
            follower = self.problem.clients[self.route[position]]
            following = follower.earliest_start(arrive)
            return following is not None and following <= limits[position]
        return arrive <= limits[position]
