"""Shares a day's work fairly: visits go from the longest working days to the shortest, for little driving.

A search that counts points and driving alone gives one pair twelve visits and another two, where
there are fewer cases than hands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fieldsync.planner.pair_day import PairDay, Place
from fieldsync.planner.problem import CONTINUITY_POINTS, Problem, Routes
from fieldsync.planner.timetable import walk

# Two days that differ by less are even: a visit and its way take about that long.
_EVEN_S = 3600
# What a fairer day may cost on the road, each time a visit changes hands.
_MOST_DETOUR_S = 450


@dataclass(frozen=True, slots=True)
class _Offer:
    """A visit that may change hands; `rank` is how even the two days would be, about."""

    rank: int
    giver: int
    index: int
    place: Place


def balance(problem: Problem, routes: Routes) -> Routes:
    """The same visits, every day lawful, the working days more even where they were not.

    A visit stays with the pair that knows the borrower. Each move leaves both days shorter than the
    longer one was, so that it comes to an end; a pair that once found nobody to give to is not asked
    again.
    """
    sharing = _Sharing(problem, [PairDay(problem, v, route) for v, route in enumerate(routes)])
    while (giver := sharing.next_giver()) is not None:
        sharing.give(giver)
    return tuple(tuple(day.route) for day in sharing.days)


@dataclass(slots=True)
class _Sharing:
    """The days while visits change hands."""

    problem: Problem
    days: list[PairDay]
    stuck: set[int] = field(default_factory=set)
    worked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worked = [self._worked(v, tuple(day.route)) for v, day in enumerate(self.days)]

    def next_giver(self) -> int | None:
        """The longest day that is not even with the shortest."""
        asked = [v for v in range(len(self.days)) if v not in self.stuck]
        longest = max(asked, key=lambda v: self.worked[v], default=None)
        if longest is None or self.worked[longest] - min(self.worked) < _EVEN_S:
            return None
        return longest

    def give(self, giver: int) -> None:
        """Hand the visit over that makes both days most even, or remember that there is none."""
        for offer in sorted(self._offers(giver), key=lambda one: one.rank):
            if self._taken(offer):
                return
        self.stuck.add(giver)

    def _offers(self, giver: int) -> Iterator[_Offer]:
        takers = [v for v, s in enumerate(self.worked) if self.worked[giver] - s >= _EVEN_S]
        for index, number in enumerate(self.days[giver].route):
            client = self.problem.clients[number]
            if client.prefers == giver:
                continue
            less = self._saved(giver, index)
            for taker in takers:
                place = self.days[taker].place_for(number)
                if place is None:
                    continue
                more = place.detour + self._bonus(number, taker)
                if more - less > _MOST_DETOUR_S:
                    continue
                given = self.worked[giver] - client.service_s - less
                taken = self.worked[taker] + client.service_s + more
                yield _Offer(given**2 + taken**2, giver, index, place)

    def _taken(self, offer: _Offer) -> bool:
        """Whether the watch finds both days lawful and shorter than the longer one was; then it is done."""
        giver, taker = offer.giver, offer.place.vehicle
        given, taken = list(self.days[giver].route), list(self.days[taker].route)
        taken.insert(offer.place.position, given.pop(offer.index))
        both = [(giver, tuple(given)), (taker, tuple(taken))]
        if any(walk(self.problem, v, route).fault for v, route in both):
            return False
        worked = [self._worked(v, route) for v, route in both]
        if max(worked) >= self.worked[giver]:
            return False
        for (vehicle, route), seconds in zip(both, worked, strict=True):
            self.days[vehicle] = PairDay(self.problem, vehicle, route)
            self.worked[vehicle] = seconds
        return True

    def _worked(self, vehicle: int, route: tuple[int, ...]) -> int:
        """Seconds from leaving to being back; 0 for a pair that stays."""
        day = walk(self.problem, vehicle, route)
        return day.back - day.depart if day.visits else 0

    def _saved(self, vehicle: int, index: int) -> int:
        """Driving that the pair is spared without the visit; all of it where it is the only one."""
        pair, legs = self.problem.vehicles[vehicle], self.problem.legs(vehicle)
        visits = [self.problem.clients[number].at for number in self.days[vehicle].route]
        before, here, after = [pair.start, *visits, pair.end][index : index + 3]
        direct = legs[before][after] if len(visits) > 1 else 0
        return legs[before][here] + legs[here][after] - direct

    def _bonus(self, client: int, vehicle: int) -> int:
        """What `Place.detour` was lowered by for a pair that knows the borrower."""
        known = self.problem.clients[client].prefers == vehicle
        return CONTINUITY_POINTS * self.problem.seconds_per_point if known else 0
