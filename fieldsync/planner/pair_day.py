"""One pair's route with its earliest and latest times, so that a visit more is tried in constant time.

Exact, break and rush included: a place is found where and only where `timetable.walk` finds no fault
afterwards. Each time is held twice, for a pair that has eaten and for one that has not: being free
earlier is never worse (nobody who leaves later arrives earlier), so one number each is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fieldsync.planner.on_the_way import arrival, departure_limit
from fieldsync.planner.problem import CONTINUITY_POINTS, Client, Problem

_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client fits: vehicle, position, and the extra driving in seconds."""

    vehicle: int
    position: int
    detour: int


class PairDay:
    """A route that grows.

    `_free[k]` is from when on the pair can leave its k-th place, `_late[k]` the last second in which
    it may arrive at the next one and still keep the rest; `_fed_` the same with the break behind it.
    """

    def __init__(self, problem: Problem, vehicle: int, route: Sequence[int]) -> None:
        self.problem, self.vehicle, self.route = problem, vehicle, list(route)
        self._pair, self._legs = problem.vehicles[vehicle], problem.legs(vehicle)
        lunch, rush = self._pair.lunch, self._pair.rush
        due = lunch is not None and self._pair.shift_start <= lunch.latest
        self._lunch = lunch if due else None
        self._rush = rush
        self._time()

    def insert(self, position: int, client: int) -> None:
        """Put a client in; the caller has asked `place_for`."""
        self.route.insert(position, client)
        self._time()

    @property
    def is_legal(self) -> bool:
        """Whether the day can be walked as it is, most stops and skills aside."""
        if not self.route:
            return True
        home = self._gaps[-1][2]
        fed = self._arrive(self._fed_free[-1], home) <= self._fed_late[-1]
        return fed or self._arrive(self._free[-1], home) <= self._late[-1]

    @property
    def spare_s(self) -> int:
        """Seconds of the shift that neither visits nor ways nor the break take, in rush none."""
        taken = sum(self.problem.clients[number].service_s for number in self.route)
        taken += sum(way for _before, _after, way in self._gaps)
        taken += self._lunch.length_s if self._lunch else 0
        return self._pair.shift_end - self._pair.shift_start - taken

    def place_for(self, number: int) -> Place | None:
        """The cheapest legal place for the client, whatever it costs."""
        client = self.problem.clients[number]
        if len(self.route) >= self._pair.max_stops:
            return None
        if client.needs and not self._pair.can(client.needs):
            return None
        legs, at = self._legs, client.at
        onward = legs[at]
        best, best_detour = -1, _NEVER
        for position, (before, after, direct) in enumerate(self._gaps):
            way = legs[before][at]
            detour = way + onward[after] - direct
            if detour < best_detour and self._fits(client, position, way, onward[after]):
                best, best_detour = position, detour
        if best < 0:
            return None
        known = CONTINUITY_POINTS * self.problem.seconds_per_point
        bonus = known if client.prefers == self.vehicle else 0
        return Place(self.vehicle, best, best_detour - bonus)

    def _fits(self, client: Client, position: int, way: int, onward: int) -> bool:
        """Whether the visit lies between two places, with the break before it, in it or after it.

        The innermost step of every search: what is plain is worked out here, not in a function.
        """
        rush, free = self._rush, self._free[position]
        ready = arrival(rush, free, way) if rush else free + way
        start = _start(client, ready)
        if start == _NEVER:
            return False
        leave = start + client.service_s
        there = arrival(rush, leave, onward) if rush else leave + onward
        if there <= self._late[position]:
            return True
        # Who has eaten comes later, never earlier.
        if self._lunch is None or there > self._fed_late[position]:
            return False
        fed_ready = min(self._arrive(self._fed_free[position], way), self._eaten(ready))
        fed = min(_start(client, fed_ready) + client.service_s, self._eaten(leave))
        return self._arrive(fed, onward) <= self._fed_late[position]

    def _time(self) -> None:
        """Both clocks anew, forward and backward."""
        clients, legs = self.problem.clients, self._legs
        visits = [clients[number] for number in self.route]
        self._rows = [self._pair.start, *(visit.at for visit in visits), self._pair.end]
        # A pair with no visit stays where it is: an empty route drives nothing.
        self._gaps = [(a, b, legs[a][b] if visits else 0) for a, b in pairwise(self._rows)]
        self._forward(visits)
        self._backward(visits)

    def _forward(self, visits: Sequence[Client]) -> None:
        free = self._pair.shift_start
        fed = self._eaten(free)
        self._free, self._fed_free = [free], [fed]
        for (_before, _after, way), visit in zip(self._gaps[: len(visits)], visits, strict=True):
            ready = self._arrive(free, way)
            fed_ready = min(self._arrive(fed, way), self._eaten(ready))
            free = _start(visit, ready) + visit.service_s
            fed = min(_start(visit, fed_ready) + visit.service_s, self._eaten(free))
            self._free.append(free)
            self._fed_free.append(fed)

    def _backward(self, visits: Sequence[Client]) -> None:
        """Who is back before the break may begin needs none."""
        fed_late = self._pair.shift_end
        late = min(fed_late, self._lunch.earliest) if self._lunch else fed_late
        self._late, self._fed_late = [late], [fed_late]
        for index in range(len(visits) - 1, -1, -1):
            visit, way = visits[index], self._gaps[index + 1][2]
            fed_leave = self._leave_by(fed_late, way)
            leave = max(self._leave_by(late, way), self._begin_by(fed_leave))
            fed_late = _latest(visit, fed_leave - visit.service_s)
            late = max(_latest(visit, leave - visit.service_s), self._begin_by(fed_late))
            self._late.append(late)
            self._fed_late.append(fed_late)
        self._late.reverse()
        self._fed_late.reverse()

    def _arrive(self, leave: int, way: int) -> int:
        if not self._rush or leave >= _NEVER:
            return leave + way
        return arrival(self._rush, leave, way)

    def _leave_by(self, arrive: int, way: int) -> int:
        if not self._rush or arrive <= -_NEVER:
            return arrive - way
        return departure_limit(self._rush, arrive, way)

    def _eaten(self, ready: int) -> int:
        """When a break that begins as soon as it may from then on is over; _NEVER if it is too late."""
        lunch = self._lunch
        if lunch is None or ready > lunch.latest:
            return _NEVER
        return max(ready, lunch.earliest) + lunch.length_s

    def _begin_by(self, over_by: int) -> int:
        """The last second from which a break is still over by then."""
        lunch = self._lunch
        if lunch is None or over_by < lunch.earliest + lunch.length_s:
            return -_NEVER
        return min(lunch.latest, over_by - lunch.length_s)


def _start(client: Client, ready: int) -> int:
    for first, last in client.windows:
        if ready <= last:
            return ready if ready > first else first  # noqa: FURB136 - a call would cost more
    return _NEVER


def _latest(client: Client, limit: int) -> int:
    """The last permitted start that is not after `limit`; the windows are in order."""
    found = -_NEVER
    for first, last in client.windows:
        if first > limit:
            break
        found = limit if limit < last else last  # noqa: FURB136 - a call would cost more
    return found
