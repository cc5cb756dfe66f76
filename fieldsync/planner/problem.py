"""The day as a routing problem: pairs, visits and the travel between them, in whole seconds.

Times count from an origin the caller chooses (the branch's midnight). `RouteSolver` stands here and
not among the ports, which lie below the planner and cannot see a `Problem`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# What a point of priority is worth in driving: 30-100 s a point collects the same and drives less.
SECONDS_PER_POINT = 60
# Points an appointment has above any other case, so that no day is full enough to lose one.
APPOINTMENT_POINTS = 1000

# Points for a follow-up by the pair that met the borrower last: a familiar face is worth a detour.
CONTINUITY_POINTS = 5

# Told now and then how much of the search is done, of how much, and the points of the best so far.
Progress = Callable[[int, int, int], None]
# Seconds from row to row.
Travel = Sequence[Sequence[int]]
# Client numbers in visiting order, one row a vehicle.
Routes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Lunch:
    """A break of `length_s` that begins between `earliest` and `latest`, between two visits."""

    length_s: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Rush:
    """A span of the day in which the way takes `percent` of its usual time, 100 or more."""

    start: int
    end: int
    percent: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A pair's day: matrix rows of its start and end, its shift in seconds, its most stops.

    `profile` is the matrix it travels by (car, e-bike, on foot); `skills` are what it can do, None
    where nobody said: then it is sent anywhere. `rush` are spans in order and apart.
    """

    name: str
    start: int
    end: int
    shift_start: int
    shift_end: int
    max_stops: int
    profile: int = 0
    skills: frozenset[str] | None = None
    lunch: Lunch | None = None
    rush: tuple[Rush, ...] = ()

    def can(self, needs: frozenset[str]) -> bool:
        """Whether the pair has every skill and language that a visit needs."""
        return self.skills is None or needs <= self.skills


@dataclass(frozen=True, slots=True)
class Client:
    """A visit that may be made: `windows` are the first and last second in which it may START.

    `at` is its matrix row; the windows are in order and apart. A legal end has the service time
    taken off already, so that whatever starts in a window also ends in time. `needs` are skills and
    languages. Of the clients of a `group` (one case at several addresses) at most one is visited;
    `prefers` is the vehicle that met the borrower last.
    """

    name: str
    at: int
    windows: tuple[tuple[int, int], ...]
    service_s: int
    points: int
    is_appointment: bool = False
    needs: frozenset[str] = frozenset()
    group: str = ""
    prefers: int | None = None

    @property
    def weight(self) -> int:
        """The points that a solver counts."""
        return self.points + (APPOINTMENT_POINTS if self.is_appointment else 0)

    def earliest_start(self, arrive: int) -> int | None:
        """When the visit starts for someone who is there at `arrive`; None if it is too late."""
        return next((max(arrive, first) for first, last in self.windows if arrive <= last), None)

    def latest_start(self, limit: int) -> int | None:
        """The last permitted start that is not after `limit`."""
        fitting = (min(limit, last) for first, last in self.windows if first <= limit)
        return max(fitting, default=None)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a solver needs; `travel[i][j]` is in seconds. `seconds_per_point` weighs prizes.

    `travel` is the matrix of profile 0, `other_travel` those of the profiles 1, 2, ...
    """

    vehicles: tuple[Vehicle, ...]
    clients: tuple[Client, ...]
    travel: Travel
    seconds_per_point: int = SECONDS_PER_POINT
    other_travel: tuple[Travel, ...] = ()

    def legs(self, vehicle: int) -> Travel:
        """The matrix that a vehicle travels by."""
        profile = self.vehicles[vehicle].profile
        return self.other_travel[profile - 1] if profile else self.travel

    @property
    def nothing(self) -> Routes:
        """Everybody stays at home."""
        return ((),) * len(self.vehicles)


def _never() -> bool:
    return False


def _no_watch() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How hard to search. The same seed and iterations give the same routes again.

    `seconds` is the safety net; a search that met it tells how many iterations it had made. A search
    asks `stop` between its steps and ends with the best so far once it answers yes. By `watch`
    (seconds, monotonic) a plan of several searches keeps to its `seconds` as a whole.
    """

    seed: int = 1
    iterations: int = 1000
    seconds: float = 15.0
    stop: Callable[[], bool] = field(default=_never, compare=False)
    watch: Callable[[], float] = field(default=_no_watch, compare=False)


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver found: routes (perhaps not yet legal: the planner checks) and its iterations."""

    routes: Routes
    iterations: int


class RouteSolver(Protocol):
    """Finds good routes; the planner trusts none of them unchecked."""

    @property
    def name(self) -> str:
        """The engine and its version, kept with the plan."""
        ...

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """Improve on `start` (legal, perhaps empty) within the budget."""
        ...
