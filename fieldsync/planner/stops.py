"""Turns candidates into clients of a problem, and a walked route into the stops people read."""

from collections.abc import Sequence

from fieldsync.domain.calendar import Window
from fieldsync.domain.itinerary import Candidate, LunchRule, RushHour, Stop
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.problem import Client, Lunch, Rush
from fieldsync.planner.timetable import Timetable

_SPOKEN = "lang:"


def client_of(candidate: Candidate, at: int, clock: DayClock, bonus: int = 0) -> Client:
    """The candidate as the solver sees it, at its matrix row."""
    return Client(
        name=candidate.case_id,
        at=at,
        windows=clock.spans(candidate.windows),
        service_s=candidate.service_s,
        points=candidate.priority + bonus,
        is_appointment=candidate.is_appointment,
        needs=frozenset(candidate.needs),
    )


def is_language(need: str) -> bool:
    """Whether a need is one of a language; the others are the bank's words for what officers learned."""
    return need.startswith(_SPOKEN)


def language_need(tag: str) -> str:
    """The need of a visit in a language: its primary subtag, since `zh-CN` and `zh` are spoken alike."""
    return _SPOKEN + tag.replace("_", "-").split("-")[0].lower()


def lunch_of(rule: LunchRule | None, clock: DayClock) -> Lunch | None:
    """The break as the planner counts it."""
    if rule is None:
        return None
    begins = rule.begins
    return Lunch(rule.length_s, clock.seconds(begins.start), clock.seconds(begins.end))


def rush_of(rush: Sequence[RushHour], clock: DayClock) -> tuple[Rush, ...]:
    """The rush hours as the planner counts them."""
    return tuple(
        Rush(clock.seconds(one.window.start), clock.seconds(one.window.end), one.percent)
        for one in rush
    )


def lunch_window(timetable: Timetable, clock: DayClock) -> Window | None:
    """When the pair eats, on the calendar."""
    if timetable.lunch is None:
        return None
    begin, end = timetable.lunch
    return Window(clock.instant(begin), clock.instant(end))


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
