"""One search by PyVRP, whole or in a district, that brings back every good route it met."""

from collections.abc import Callable
from dataclasses import dataclass

import pyvrp
from pyvrp import IteratedLocalSearchParams, SolveParams
from pyvrp.search import PerturbationParams
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, StoppingCriterion

from fieldsync.adapters.route_pool import RoutePool, Tour, solution_of, tours_of
from fieldsync.planner.draws import Draws

# Smaller kicks than PyVRP's own (25) make four times the moves a second and find more, measured on
# branch days; a district, searched for a short time, gains from a shorter memory as well.
_KICKS, _WIDE_KICKS = PerturbationParams(1, 6), PerturbationParams(1, 25)
_MEMORY, _DISTRICT_MEMORY = 300, 100
# Looking at every solution would cost a third of the search.
_LOOK_EVERY = 20


@dataclass(frozen=True, slots=True)
class Strand:
    """What to search: from `start` (None: from nothing), for so long, perhaps in a district only.

    A district is some vehicle types and some clients; None means all of them. With `is_wide` it
    moves farther at each step; with `blur` it sees every prize up to that share too high or too low
    (what it finds is valued truly). Both meet routes that the other searches do not.
    """

    seed: int
    iterations: int
    seconds: float
    start: tuple[Tour, ...] | None = None
    vehicle_types: tuple[int, ...] | None = None
    clients: tuple[int, ...] | None = None
    is_wide: bool = False
    blur: float = 0.0


@dataclass(frozen=True, slots=True)
class StrandFound:
    """The best routes, all routes met, and the iterations that were made."""

    best: tuple[Tour, ...]
    met: tuple[Tour, ...]
    iterations: int
    is_feasible: bool


def search(data: pyvrp.ProblemData, strand: Strand, stop: Callable[[], bool]) -> StrandFound:
    """Search as told, or until `stop`; vehicle types and clients are numbered as in the whole problem."""
    types = _or_all(strand.vehicle_types, data.num_vehicle_types)
    clients = _or_all(strand.clients, data.num_clients)
    if not types or not clients:
        # A district that nobody lives in: its pairs stay at home.
        return StrandFound((), (), 0, is_feasible=True)
    whole = strand.vehicle_types is None and strand.clients is None
    part = data if whole else _district(data, types, clients)
    if strand.blur:
        part = _blurred(part, strand)
    met = _Met()
    result = pyvrp.solve(
        part,
        _until(strand, stop),
        seed=strand.seed,
        collect_stats=False,
        display=False,
        params=SolveParams(
            ils=IteratedLocalSearchParams(
                history_length=_MEMORY if whole else _DISTRICT_MEMORY, callbacks=met
            ),
            perturbation=_WIDE_KICKS if strand.is_wide else _KICKS,
        ),
        initial_solution=_start(part, strand, types, clients),
    )
    best = tours_of(result.best)
    return StrandFound(
        tuple(_outside(tour, data, types, clients) for tour in best),
        tuple(_outside(tour, data, types, clients) for tour in met.pool.chosen()),
        result.num_iterations,
        result.best.is_feasible(),
    )


def _or_all(chosen: tuple[int, ...] | None, of: int) -> tuple[int, ...]:
    return tuple(range(of)) if chosen is None else chosen


def _until(strand: Strand, stop: Callable[[], bool]) -> StoppingCriterion:
    criteria: list[StoppingCriterion] = [
        lambda _best_cost: stop(),
        MaxIterations(strand.iterations),
        MaxRuntime(max(0.01, strand.seconds)),
    ]
    return MultipleCriteria(criteria)


class _Met(pyvrp.IteratedLocalSearchCallbacks):
    """Collects the routes of each new best solution, and now and then of the present one."""

    def __init__(self) -> None:
        self.pool, self._iterations = RoutePool.empty(), 0

    def on_best(self, best: pyvrp.Solution) -> None:
        if best.is_feasible():
            self.pool.add(tours_of(best))

    def on_iteration(
        self,
        current: pyvrp.Solution,
        candidate: pyvrp.Solution,
        best: pyvrp.Solution,
        cost_evaluator: pyvrp.CostEvaluator,
    ) -> None:
        _ = (candidate, best, cost_evaluator)
        self._iterations += 1
        if self._iterations % _LOOK_EVERY == 0 and current.is_feasible():
            self.pool.add(tours_of(current))


def _start(
    part: pyvrp.ProblemData, strand: Strand, types: tuple[int, ...], clients: tuple[int, ...]
) -> pyvrp.Solution | None:
    if strand.start is None:
        return None
    type_of = {number: index for index, number in enumerate(types)}
    client_of = {number: index for index, number in enumerate(clients)}
    inside = [
        tour._replace(
            vehicle_type=type_of[tour.vehicle_type],
            clients=tuple(client_of[client] for client in tour.clients),
        )
        for tour in strand.start
    ]
    return solution_of(part, inside)


def _outside(
    tour: Tour, data: pyvrp.ProblemData, types: tuple[int, ...], clients: tuple[int, ...]
) -> Tour:
    """The route in the numbers of the whole problem, at its true prizes."""
    visited = tuple(clients[client] for client in tour.clients)
    prizes = sum(data.client(client).prize for client in visited)
    return Tour(types[tour.vehicle_type], visited, tour.cost, prizes)


def _blurred(part: pyvrp.ProblemData, strand: Strand) -> pyvrp.ProblemData:
    draws, steps = Draws(strand.seed), 1000
    clients = []
    for client in part.clients():
        share = 1 + strand.blur * (2 * draws.below(steps) / steps - 1)
        clients.append(_copied(client, client.group, round(client.prize * share)))
    return part.replace(clients=clients)


def _district(
    data: pyvrp.ProblemData, types: tuple[int, ...], clients: tuple[int, ...]
) -> pyvrp.ProblemData:
    """The problem with these vehicle types and clients alone."""
    number_of = {client: number for number, client in enumerate(clients)}
    groups: list[pyvrp.ClientGroup] = []
    group_of: dict[int, int] = {}
    for number, group in enumerate(data.groups()):
        members = [number_of[client] for client in group.clients if client in number_of]
        if members:
            group_of[number] = len(groups)
            groups.append(pyvrp.ClientGroup(members, required=group.required))
    return data.replace(
        clients=[
            _copied(one, None if one.group is None else group_of[one.group], one.prize)
            for one in map(data.client, clients)
        ],
        vehicle_types=[data.vehicle_type(number) for number in types],
        groups=groups,
    )


def _copied(client: pyvrp.Client, group: int | None, prize: int) -> pyvrp.Client:
    return pyvrp.Client(
        client.location,
        delivery=client.delivery,
        pickup=client.pickup,
        service_duration=client.service_duration,
        tw_early=client.tw_early,
        tw_late=client.tw_late,
        release_time=client.release_time,
        prize=prize,
        required=client.required,
        group=group,
    )
