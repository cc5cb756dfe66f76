"""Sets two plans of a day side by side: what is gained, what is lost, who goes to whom instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.store.plans import DayPlan


@dataclass(frozen=True, slots=True)
class Counts:
    """What a plan comes to: pairs that go out, stops, appointments missed, seconds on the way."""

    pairs: int
    stops: int
    appointments_missed: int
    travel_s: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Two plans' counts, the cases only one of them visits, and those that another pair visits."""

    before: Counts
    after: Counts
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    moved: tuple[str, ...]


def difference(before: DayPlan, after: DayPlan) -> Difference:
    """How the second plan differs from the first; cases by id, in order."""
    old, new = _pair_by_case(before), _pair_by_case(after)
    return Difference(
        _counts(before),
        _counts(after),
        gained=tuple(sorted(new.keys() - old.keys())),
        lost=tuple(sorted(old.keys() - new.keys())),
        moved=tuple(sorted(case for case in old.keys() & new.keys() if old[case] != new[case])),
    )


def _pair_by_case(plan: DayPlan) -> Mapping[str, str]:
    return {stop.case_id: one.pair_id for one in plan.itineraries for stop in one.stops}


def _counts(plan: DayPlan) -> Counts:
    stops = [stop for one in plan.itineraries for stop in one.stops]
    return Counts(
        pairs=sum(bool(one.stops) for one in plan.itineraries),
        stops=len(stops),
        appointments_missed=sum(out.is_appointment for out in plan.left_out),
        travel_s=sum(stop.travel_s for stop in stops),
    )
