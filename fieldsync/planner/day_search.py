"""Searches one pair's day in plain Python, quick enough for a device: take visits out, fill anew, again.

Insertion with iterated local search (Vansteenwegen et al. 2009), accepting days that are a little
worse than the best (record-to-record travel, Dueck 1993), less and less so towards the end.
"""

from collections.abc import Callable, Collection, Sequence

from fieldsync.planner.draws import Draws
from fieldsync.planner.pair_day import PairDay, Place
from fieldsync.planner.problem import Budget, Problem
from fieldsync.planner.timetable import value

# At most so many visits leave at once; a whole morning or afternoon may be made anew.
_LEAVE_MOST = 9
# A day may be worse than the best by this many of its thousandths, appointments' weight aside.
_WORSE_PER_MILLE = 100
_MILLE = 1000

Watch = Callable[[], float]
_Route = tuple[int, ...]


class DaySearch:
    """One search over the only pair of a problem, from a legal route on."""

    def __init__(self, problem: Problem, budget: Budget, watch: Watch) -> None:
        self._problem, self._budget, self._watch = problem, budget, watch
        self._draws = Draws(budget.seed)
        clients, seconds = problem.clients, problem.seconds_per_point
        self._open = [number for number, client in enumerate(clients) if client.windows]
        self._points = [client.weight for client in clients]
        self._gains = [points * seconds for points in self._points]
        # What decides between good days: the extra weight of appointments is in all of them.
        plain = sum(client.points for client in clients) * seconds
        self._margin = plain * _WORSE_PER_MILLE // _MILLE // 2

    def run(self, start: _Route) -> tuple[_Route, int]:
        """The best route met, never worth less than `start`, and the number of trials."""
        began, made = self._watch(), 0
        best = current = self._filled(start, frozenset(), is_restless=False)
        best_value = current_value = value(self._problem, (best,))
        while made < self._budget.iterations and not self._budget.stop():
            elapsed = self._watch() - began
            if elapsed >= self._budget.seconds:
                break
            left = 1 - max(elapsed / self._budget.seconds, made / self._budget.iterations)
            made += 1
            trial = self._changed(current)
            worth = value(self._problem, (trial,))
            if worth > current_value or worth > best_value - self._margin * left:
                current, current_value = trial, worth
            if worth > best_value:
                best, best_value = trial, worth
        return best, made

    def _changed(self, route: _Route) -> _Route:
        """The route with some visits out, one perhaps forced in, and filled anew."""
        out = self._leaving(route)
        kept = [client for client in route if client not in out]
        # Not to come back at once leads to other days; whoever agreed on a time may always come back.
        barred = {c for c in out if not self._problem.clients[c].is_appointment}
        if self._draws.below(3):
            barred = set()
        if self._open and self._draws.below(2):
            kept = self._forced(kept, self._open[self._draws.below(len(self._open))], barred)
        return self._filled(kept, barred, is_restless=bool(self._draws.below(2)))

    def _leaving(self, route: _Route) -> set[int]:
        """One to nine visits in a row, or here and there."""
        if not route:
            return set()
        count = 1 + self._draws.below(min(_LEAVE_MOST, len(route)))
        if self._draws.below(2):
            begin = self._draws.below(len(route) - count + 1)
            return set(route[begin : begin + count])
        return {route[self._draws.below(len(route))] for _ in range(count)}

    def _forced(self, kept: list[int], client: int, barred: Collection[int]) -> list[int]:
        """The visits with one more at its cheapest place, whether or not it pays."""
        if client in kept or client in barred or self._is_elsewhere(client, kept):
            return kept
        day = PairDay(self._problem, 0, kept)
        place = day.place_for(client)
        if place is not None:
            day.insert(place.position, client)
        return day.route

    def _is_elsewhere(self, client: int, route: Collection[int]) -> bool:
        """Whether the case is visited at another of its addresses."""
        clients = self._problem.clients
        group = clients[client].group
        return bool(group) and any(clients[other].group == group for other in route)

    def _filled(self, kept: Sequence[int], barred: Collection[int], *, is_restless: bool) -> _Route:
        """The visits with others in between, the most points per second first, or nearly so."""
        day = PairDay(self._problem, 0, kept)
        inside = set(kept)
        waiting = [c for c in self._open if c not in inside and c not in barred]
        factor = {c: _MILLE // 2 + self._draws.below(_MILLE) if is_restless else 1 for c in waiting}
        while waiting:
            offers = [(c, place) for c in waiting if (place := day.place_for(c)) is not None]
            chosen = self._best(offers, factor, day.route)
            if chosen is None:
                break
            day.insert(chosen[1].position, chosen[0])
            waiting = [c for c, _ in offers if c != chosen[0]]
        return tuple(day.route)

    def _best(
        self, offers: Sequence[tuple[int, Place]], factor: dict[int, int], route: Collection[int]
    ) -> tuple[int, Place] | None:
        """The offer with the most points per second among those that pay their way."""
        clients, best, best_worth = self._problem.clients, None, -1.0
        for offer in offers:
            number, place = offer
            if self._gains[number] <= place.detour:
                continue
            seconds = max(1, clients[number].service_s + place.detour + 1)
            worth = self._points[number] * factor[number] / seconds
            if worth > best_worth and not self._is_elsewhere(number, route):
                best, best_worth = offer, worth
        return best
