"""Cuts a large day into districts: neighbouring pairs with the clients near them, to be searched apart.

A search over eight pairs makes many times the moves of one over forty (POPMUSIC: Taillard and Voss
2002), and districts that overlap in nothing are searched side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyvrp

from fieldsync.adapters.route_pool import Tour

# Clients without a visit that a district may turn to, for each of its pairs.
_SPARE_CLIENTS = 14


@dataclass(frozen=True, slots=True)
class District:
    """Some vehicle types, their present routes, and the clients they choose from."""

    vehicle_types: tuple[int, ...]
    tours: tuple[Tour, ...]
    clients: tuple[int, ...]


def cut(
    data: pyvrp.ProblemData, tours: Sequence[Tour], size: int, turn: int
) -> tuple[District, ...]:
    """Districts of about `size` pairs, none in two; another `turn` begins them at other pairs."""
    nearness = _Nearness(data, tours)
    left = list(range(data.num_vehicle_types))
    districts: list[tuple[int, ...]] = []
    while left:
        if len(left) < size + size // 2:
            members = list(left)
        else:
            # The pair farthest from everybody first; each turn looks from elsewhere.
            first = left[(turn * 7 + len(districts)) % len(left)] if turn else left[0]
            members = sorted(left, key=lambda v: (nearness.between(first, v), v))[:size]
        left = [vehicle for vehicle in left if vehicle not in members]
        districts.append(tuple(sorted(members)))
    spares = _spares(data, tours, nearness, districts)
    by_type = {tour.vehicle_type: tour for tour in tours}
    return tuple(
        _district(members, by_type, spare) for members, spare in zip(districts, spares, strict=True)
    )


def _district(
    members: tuple[int, ...], by_type: dict[int, Tour], spares: Sequence[int]
) -> District:
    mine = tuple(by_type[vehicle] for vehicle in members if vehicle in by_type)
    served = [client for tour in mine for client in tour.clients]
    return District(members, mine, tuple(sorted({*served, *spares})))


class _Nearness:
    """How far pairs are from each other and from clients, by the rows of their day."""

    def __init__(self, data: pyvrp.ProblemData, tours: Sequence[Tour]) -> None:
        self._matrix = np.asarray(data.distance_matrix(0))
        self._rows: list[list[int]] = [[] for _ in range(data.num_vehicle_types)]
        for number, vehicle in enumerate(data.vehicle_types()):
            self._rows[number].append(data.depot(vehicle.start_depot).location)
        for tour in tours:
            self._rows[tour.vehicle_type] += [data.client(c).location for c in tour.clients]
        size = range(len(self._rows))
        self._between = [[self._mean(a, b) for b in size] for a in size]

    def _mean(self, a: int, b: int) -> float:
        return float(self._matrix[np.ix_(self._rows[a], self._rows[b])].mean())

    def between(self, a: int, b: int) -> float:
        """Mean travel from the places of one pair's day to those of another's."""
        return self._between[a][b]

    def to_client(self, members: Sequence[int], location: int) -> int:
        """Travel from the nearest place of these pairs' days."""
        rows = [row for member in members for row in self._rows[member]]
        return int(self._matrix[rows, location].min())


def _spares(
    data: pyvrp.ProblemData,
    tours: Sequence[Tour],
    nearness: _Nearness,
    districts: Sequence[tuple[int, ...]],
) -> list[list[int]]:
    """For each district the unvisited clients nearest to it that are worth the way, whole groups only."""
    visited = {client for tour in tours for client in tour.clients}
    groups = {c: group.clients for group in data.groups() for c in group.clients}
    ranked: list[list[tuple[float, int]]] = [[] for _ in districts]
    taken: list[list[int]] = [[] for _ in districts]
    for number, client in enumerate(data.clients()):
        family = groups.get(number, (number,))
        if number != family[0] or (len(family) == 1 and number in visited):
            continue
        at = [nearness.to_client(members, client.location) for members in districts]
        owner = next((_home(tours, districts, c) for c in family if c in visited), None)
        if owner is not None:
            taken[owner] += family
            continue
        place = int(np.argmin(at))
        ranked[place].append(
            (-client.prize / (client.service_duration + at[place] / 2 + 1), number)
        )
    for place, members in enumerate(districts):
        best = sorted(ranked[place])[: _SPARE_CLIENTS * len(members)]
        taken[place] += [c for _, number in best for c in groups.get(number, (number,))]
    return taken


def _home(tours: Sequence[Tour], districts: Sequence[tuple[int, ...]], client: int) -> int:
    owner = next(tour.vehicle_type for tour in tours if client in tour.clients)
    return next(place for place, members in enumerate(districts) if owner in members)
