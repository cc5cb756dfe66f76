"""What is left of a pair's day: which stops are made, what is open, from where and when on, and lunch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fieldsync.domain.calendar import Window
from fieldsync.domain.itinerary import Candidate, Itinerary, Stop
from fieldsync.domain.place import Point
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.problem import Lunch
from fieldsync.planner.stops import lunch_of
from fieldsync.planner.travel import estimated_leg

# Matrix rows of an itinerary: the start, the end, then the candidates.
START, END, FIRST_CANDIDATE = 0, 1, 2

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is so now.

    `visited` are the cases visited today in that order, the one under way last, and `busy` when; a
    case that was visited twice stands there twice. `blocked` maps cases that may not be visited any
    more to the reason in the officer's language. `position` is where the pair stands if that is not
    where the last visit was; `free_from` when it can leave, if not now. `agreed` are new appointments:
    the span in which the pair is to come. `again` are visited cases that the rules let the pair try
    once more, with the spans in which that visit may start. `has_eaten`: the break is behind the pair.
    """

    now: datetime
    position: Point | None = None
    visited: tuple[str, ...] = ()
    busy: tuple[Window, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    free_from: datetime | None = None
    agreed: Mapping[str, Window] = field(default_factory=dict)
    again: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    has_eaten: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Open candidates with their rows, the matrices, where and from when on; stops made and open.

    `lunch` is the break still to come, in seconds of the day; `had` the one that is over.
    """

    rows: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    travel_s: Matrix
    distance_m: Matrix
    here: int
    free_s: int
    made: tuple[Stop, ...]
    open: tuple[Stop, ...]
    lunch: Lunch | None
    had: Window | None

    @property
    def present(self) -> tuple[int, ...]:
        """The open stops as they stand, as numbers of the candidates in their order."""
        number_of = {candidate.case_id: number for number, candidate in enumerate(self.candidates)}
        return tuple(number_of[s.case_id] for s in self.open if s.case_id in number_of)


def rest_of(day: Itinerary, now: Situation, clock: DayClock) -> Rest:
    """What is left of the day in this situation."""
    made, open_stops = split(day.stops, now.visited)
    # Who was visited is done with, but for a second try that is planned or asked for.
    closed = set(now.visited) - {stop.case_id for stop in open_stops} - set(now.again)
    closed |= set(now.blocked)
    rows = [
        (row, candidate)
        for row, candidate in enumerate(day.candidates, FIRST_CANDIDATE)
        if candidate.case_id not in closed
    ]
    waiting = [stop for stop in open_stops if stop.case_id not in closed]
    had, free_from = _break_behind(day, now, waiting)
    travel_s, distance_m, here = _standing(day, now)
    return Rest(
        rows=tuple(row for row, _ in rows),
        candidates=tuple(candidate for _, candidate in rows),
        travel_s=travel_s,
        distance_m=distance_m,
        here=here,
        free_s=max(0, clock.seconds(free_from)),
        made=made,
        open=open_stops,
        lunch=None if had is not None or now.has_eaten else lunch_of(day.lunch_rule, clock),
        had=had,
    )


def split(
    stops: Sequence[Stop], visited: Sequence[str]
) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The stops that were made, and the open ones; a second stop of a case needs a second visit."""
    visits = Counter(visited)
    made, left = [], []
    for stop in stops:
        if visits[stop.case_id]:
            visits[stop.case_id] -= 1
            made.append(stop)
        else:
            left.append(stop)
    return tuple(made), tuple(left)


def _break_behind(
    day: Itinerary, now: Situation, waiting: Sequence[Stop]
) -> tuple[Window | None, datetime]:
    """The planned break if the pair had it or is having it, and from when on it is free.

    A break is had where the day went as planned until then: no stop before it is still open, and no
    visit lay in it.
    """
    free_from = max(now.now, now.free_from or now.now)
    planned = day.lunch
    if planned is None or now.has_eaten:
        return (planned if planned and planned.end <= now.now else None), free_from
    behind = any(stop.start < planned.start for stop in waiting)
    if behind or any(planned.intersect(visit) for visit in now.busy):
        return None, free_from
    if planned.end <= now.now:
        return planned, free_from
    if planned.start <= now.now and now.free_from is None:
        return planned, planned.end
    return None, free_from


def _standing(day: Itinerary, now: Situation) -> tuple[Matrix, Matrix, int]:
    """The matrices and the row where the pair stands: a new one, the last visit's or the start's."""
    if now.position is not None:
        return _from_position(day, now.position)
    row_of = {c.case_id: row for row, c in enumerate(day.candidates, FIRST_CANDIDATE)}
    rows = [row_of[case_id] for case_id in now.visited if case_id in row_of]
    return day.travel_s, day.distance_m, rows[-1] if rows else START


def _from_position(day: Itinerary, position: Point) -> tuple[Matrix, Matrix, int]:
    """The matrices with one more row and column for where the pair stands, estimated."""
    places = [day.start, day.end, *(candidate.point for candidate in day.candidates)]
    legs = [estimated_leg(position, place, day.mode) for place in places]
    seconds, metres = [leg[0] for leg in legs], [leg[1] for leg in legs]
    return _grown(day.travel_s, seconds), _grown(day.distance_m, metres), len(places)


def _grown(matrix: Matrix, leg: Sequence[int]) -> Matrix:
    rows = tuple((*row, there) for row, there in zip(matrix, leg, strict=True))
    return (*rows, (*leg, 0))
