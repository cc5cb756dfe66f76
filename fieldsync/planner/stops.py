"""Turns candidates into clients of a problem, and a walked route into the stops people read."""

from collections.abc import Sequence

from fieldsync.domain.itinerary import Candidate, Stop
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.problem import Client
from fieldsync.planner.timetable import Timetable


def client_of(candidate: Candidate, at: int, clock: DayClock, bonus: int = 0) -> Client:
    """The candidate as the solver sees it, at its matrix row."""
    return Client(
        name=candidate.case_id,
        at=at,
        windows=clock.spans(candidate.windows),
        service_s=candidate.service_s,
        points=candidate.priority + bonus,
        is_appointment=candidate.is_appointment,
    )


def stops_of(
    timetable: Timetable,
    candidates: Sequence[Candidate],
    legs_m: Sequence[int],
    clock: DayClock,
) -> tuple[Stop, ...]:
    """The stops of a legal timetable; `candidates` and `legs_m` (metres) are in its order."""
    return tuple(
        Stop(
            case_id=candidate.case_id,
            address_id=candidate.address_id,
            point=candidate.point,
            arrive=clock.instant(timed.arrive),
            start=clock.instant(timed.start),
            leave=clock.instant(timed.leave),
            windows=candidate.windows,
            service_s=candidate.service_s,
            travel_s=timed.travel,
            distance_m=leg_m,
            priority=candidate.priority,
            is_appointment=candidate.is_appointment,
            why=candidate.why,
            kind=candidate.kind,
        )
        for timed, candidate, leg_m in zip(timetable.visits, candidates, legs_m, strict=True)
    )
