"""Keeps the routes that searches met on their way, so that the best of several searches can be combined."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pyvrp

# Beyond this the packing gets slower than it gets better.
MOST_ROUTES = 12_000


class Tour(NamedTuple):
    """One route: its vehicle type, its clients in visiting order, its cost and its prizes."""

    vehicle_type: int
    clients: tuple[int, ...]
    cost: int
    prizes: int

    @property
    def value(self) -> int:
        """What the route brings; the more the better."""
        return self.prizes - self.cost


def tours_of(solution: pyvrp.Solution) -> tuple[Tour, ...]:
    """The routes of a solution."""
    return tuple(
        Tour(
            route.vehicle_type(),
            tuple(activity.idx for activity in route if activity.is_client()),
            route.distance_cost() + route.duration_cost(),
            route.prizes(),
        )
        for route in solution.routes()
    )


def solution_of(data: pyvrp.ProblemData, tours: Iterable[Tour]) -> pyvrp.Solution:
    """The solution that consists of these routes."""
    routes = [pyvrp.Route(data, list(tour.clients), tour.vehicle_type) for tour in tours]
    return pyvrp.Solution(data, routes)


@dataclass(slots=True)
class RoutePool:
    """For each vehicle type and set of clients the cheapest order that was met, the newest last."""

    tours: dict[tuple[int, frozenset[int]], Tour]

    @classmethod
    def empty(cls) -> "RoutePool":
        """A pool with nothing in it."""
        return cls({})

    def add(self, tours: Iterable[Tour]) -> None:
        """Keep the routes that are new, or cheaper than what is here for the same clients."""
        for tour in tours:
            key = (tour.vehicle_type, frozenset(tour.clients))
            known = self.tours.get(key)
            if known is None or tour.cost < known.cost:
                self.tours.pop(key, None)
                self.tours[key] = tour

    def chosen(self, most: int = MOST_ROUTES) -> list[Tour]:
        """The newest routes, in the order they came: the later ones come from better searches."""
        return list(self.tours.values())[-most:]
