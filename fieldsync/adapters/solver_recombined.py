"""Better than one search: several searches by PyVRP, whose routes are recombined by set packing.

Small days: strands from different seeds, the best routes of all of them packed together again and
again. Large days: a short search over everything, then districts in turn, then packing. With a
limit of iterations (and time enough) the same seed gives the same routes, on however many cores.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pyvrp

from fieldsync.adapters.route_pool import RoutePool, Tour, solution_of, tours_of
from fieldsync.adapters.search_crew import SearchCrew
from fieldsync.adapters.search_districts import District, cut
from fieldsync.adapters.search_strand import Strand, StrandFound
from fieldsync.adapters.set_packing import pack
from fieldsync.planner.problem import Budget

# Two strands on every machine, so that the plan does not depend on how many cores there are.
STRANDS = 2
_SLICES = 12
# How wrong a restless strand sees the prizes.
_BLUR = 0.25
# The first strand is restless in every so-manieth slice.
_RESTLESS = 3
_FEW_VEHICLES = 12
_DISTRICT = 8
_ROUNDS = 4
# Of the time of a large day: how much the first search over everything gets.
_WHOLE_SHARE = 0.3
_PACK_SHARE = 0.06
# A plan of fewer clients is searched in this process: starting others would take longer.
_FEW_CLIENTS = 60

# Told now and then: how much is done, of how much, and the best routes' prizes so far.
Told = Callable[[float, int], None]
Judge = Callable[[Tour], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """The best solution, the iterations of all searches, and how many routes were at hand."""

    best: pyvrp.Solution
    iterations: int
    pool: int


def cores() -> int:
    """How many processes may work for a plan on this machine."""
    return max(1, min(STRANDS, os.cpu_count() or 1))


def recombine(
    data: pyvrp.ProblemData,
    start: pyvrp.Solution | None,
    budget: Budget,
    workers: int,
    told: Told | None = None,
    judge: Judge | None = None,
) -> Found:
    """The best solution that the budget allows, never worse than `start`.

    `judge` says whether a route may be walked in truth, where the model cannot say all of it.
    """
    if data.num_clients < _FEW_CLIENTS:
        workers = 1
    with SearchCrew(data, workers) as crew:
        hunt = _Hunt(data, crew, budget, told or (lambda _share, _prizes: None), judge)
        if start is not None and start.is_feasible():
            hunt.stand(tours_of(start))
        if data.num_vehicle_types > _FEW_VEHICLES:
            hunt.by_districts()
        else:
            hunt.by_strands()
    return Found(solution_of(data, hunt.best or ()), hunt.iterations, len(hunt.pool.tours))


@dataclass(slots=True)
class _Hunt:
    """A search in progress: what is best so far and what was met."""

    data: pyvrp.ProblemData
    crew: SearchCrew
    budget: Budget
    told: Told
    judge: Judge | None
    pool: RoutePool = field(default_factory=RoutePool.empty)
    best: tuple[Tour, ...] | None = None
    iterations: int = 0
    _begun: float = field(default_factory=time.monotonic)
    _judged: dict[Tour, bool] = field(default_factory=dict)

    @property
    def _left(self) -> float:
        return self.budget.seconds - (time.monotonic() - self._begun)

    @property
    def _over(self) -> bool:
        return self._left <= 0 or self.budget.stop()

    def stand(self, tours: tuple[Tour, ...]) -> None:
        """Take these routes as the best plan if they are better."""
        self.pool.add(tours)
        if self.best is None or _cost(self.data, tours) < _cost(self.data, self.best):
            self.best = tours
        share = min(1.0, 1 - self._left / self.budget.seconds)
        self.told(share, sum(tour.prizes for tour in self.best))

    def by_strands(self) -> None:
        """Every slice one strand goes on from the best, the others from their own or from nothing."""
        own: list[tuple[Tour, ...] | None] = [self.best] * STRANDS
        iterations = max(1, math.ceil(self.budget.iterations / _SLICES))
        for number in range(_SLICES):
            if self._over or self.data.num_clients == 0:
                return
            seconds = self._left / (_SLICES - number) * (1 - _PACK_SHARE) * self._turns(STRANDS)
            strands = [
                self._strand(number, place, Strand(0, iterations, seconds, start))
                for place, start in enumerate(own)
            ]
            found = self._run(strands)
            own = [one.best if one.is_feasible else None for one in found]
            self._pack(seconds * _PACK_SHARE * 2)
            own[0] = self.best
            if number % 2:
                own[1:] = [None] * (STRANDS - 1)

    def _strand(self, number: int, place: int, strand: Strand) -> Strand:
        """The strand at a place in a slice: the first goes on closely, the others look farther."""
        restless = (number + 1) % _RESTLESS == 0 or (place > 0 and number % 2 == 1)
        return replace(
            strand,
            seed=self.budget.seed + 101 * number + place,
            is_wide=(place + number // 2) % 2 == 1,
            blur=_BLUR if restless else 0.0,
        )

    def by_districts(self) -> None:
        """A search over everything from two seeds, then rounds of districts with a packing after each."""
        iterations = max(1, self.budget.iterations // (_ROUNDS + 1))
        seconds = self._left * _WHOLE_SHARE * self._turns(STRANDS)
        whole = [
            Strand(self.budget.seed + s, iterations, seconds, self.best) for s in range(STRANDS)
        ]
        self._run(whole)
        self._pack(self._left * _PACK_SHARE)
        for turn in range(_ROUNDS):
            if self._over or self.best is None:
                return
            districts = cut(self.data, self.best, _DISTRICT + turn % 3, turn)
            each = self._left / (_ROUNDS - turn) * (1 - _PACK_SHARE) * self._turns(len(districts))
            strands = [
                Strand(
                    self.budget.seed + 1009 * (turn + 1) + number,
                    iterations,
                    each,
                    district.tours,
                    district.vehicle_types,
                    district.clients,
                )
                for number, district in enumerate(districts)
            ]
            found = self._run(strands)
            self.stand(_joined(districts, found))
            self._pack(self._left * _PACK_SHARE)

    def _turns(self, strands: int) -> float:
        """The share of a stretch of time that each of so many strands gets on these workers."""
        return 1 / math.ceil(strands / self.crew.workers)

    def _run(self, strands: list[Strand]) -> list[StrandFound]:
        found = self.crew.run(strands, self.budget.stop)
        for strand, one in zip(strands, found, strict=True):
            self.iterations += one.iterations
            self.pool.add(one.met)
            if one.is_feasible and strand.vehicle_types is None:
                self.stand(one.best)
        return found

    def _pack(self, seconds: float) -> None:
        nothing_new = self.best is None or len(self.pool.tours) <= len(self.best)
        if nothing_new or self.best is None or self.budget.stop():
            return
        tours = list(dict.fromkeys((*self.best, *filter(self._may, self.pool.chosen()))))
        self.stand(pack(self.data, tours, self.best, max(0.2, seconds)))

    def _may(self, tour: Tour) -> bool:
        if self.judge is None:
            return True
        known = self._judged.get(tour)
        if known is None:
            known = self._judged[tour] = self.judge(tour)
        return known


def _cost(data: pyvrp.ProblemData, tours: tuple[Tour, ...]) -> int:
    """Costs less prizes; a required client that nobody visits outweighs every other."""
    served = {client for tour in tours for client in tour.clients}
    missing = sum(c.required and n not in served for n, c in enumerate(data.clients()))
    return missing * 10**12 - sum(tour.value for tour in tours)


def _joined(districts: tuple[District, ...], found: list[StrandFound]) -> tuple[Tour, ...]:
    """The best of every district, or what stood there before."""
    joined: list[Tour] = []
    for district, one in zip(districts, found, strict=True):
        joined += one.best if one.is_feasible else district.tours
    return tuple(joined)
