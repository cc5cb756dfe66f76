"""A place in a pair's day: found exactly where the watch finds no fault, break and rush included."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.planner.day_search import DaySearch
from fieldsync.planner.pair_day import PairDay
from fieldsync.planner.problem import Budget, Lunch, Problem, Rush
from fieldsync.planner.timetable import driving, is_legal, value, walk
from tests.planner.made_up_days import HOUR, make_day, small_days

_LUNCHES = (
    None,
    Lunch(2700, int(11.5 * HOUR), int(13.5 * HOUR)),
    Lunch(3600, 12 * HOUR, 12 * HOUR),
)
_RUSHES = ((), (Rush(8 * HOUR, int(9.5 * HOUR), 150), Rush(17 * HOUR, 19 * HOUR, 200)))


@st.composite
def _days(draw: st.DrawFn) -> Problem:
    """A day of one pair, with a break or without, perhaps through rush hours."""
    day = draw(small_days(max_pairs=1, max_cases=5))
    lunch, rush = draw(st.sampled_from(_LUNCHES)), draw(st.sampled_from(_RUSHES))
    return replace(day, vehicles=(replace(day.vehicles[0], lunch=lunch, rush=rush),))


@given(_days())
@settings(max_examples=25, deadline=None)
def test_a_place_is_found_exactly_where_the_watch_finds_one(day: Problem) -> None:
    """Of all positions that the walk allows the cheapest comes back, and none where it allows none."""
    route: tuple[int, ...] = ()
    for number in range(len(day.clients)):
        longer = [(*route[:p], number, *route[p:]) for p in range(len(route) + 1)]
        fitting = [one for one in longer if walk(day, 0, one).fault is None]
        assert all(is_legal(day, 0, one) == (one in fitting) for one in longer)
        place = PairDay(day, 0, route).place_for(number)
        assert (place is None) == (not fitting)
        if place is not None:
            chosen = longer[place.position]
            assert chosen in fitting
            assert _way(day, chosen) == min(_way(day, one) for one in fitting)
            route = chosen


def _way(day: Problem, route: tuple[int, ...]) -> int:
    pair = day.vehicles[0]
    return driving(day.travel, [pair.start, *(day.clients[c].at for c in route), pair.end])


def test_a_search_is_never_worth_less_than_where_it_began() -> None:
    """With any number of trials, from any legal route; the same seed finds the same day."""
    lunch = _LUNCHES[1]
    town = make_day(1, 20, seed=3)
    day = replace(town, vehicles=(replace(town.vehicles[0], lunch=lunch),))
    start = PairDay(day, 0, ())
    for number in (4, 7, 11):
        place = start.place_for(number)
        if place is not None:
            start.insert(place.position, number)
    worths: list[int] = []
    route: tuple[int, ...] = ()
    for trials in (1, 20, 200):
        route, made = DaySearch(day, Budget(iterations=trials), lambda: 0.0).run(tuple(start.route))
        assert made == trials
        assert is_legal(day, 0, route)
        worths.append(value(day, (route,)))
    assert worths[0] >= value(day, (tuple(start.route),))
    again = DaySearch(day, Budget(iterations=200), lambda: 0.0).run(tuple(start.route))[0]
    assert again == route
