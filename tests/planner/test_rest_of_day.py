"""What is left of a day: the break, who was visited, where the pair stands and from when on it is free."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldsync.domain.calendar import Window
from fieldsync.domain.itinerary import Itinerary, LunchRule
from fieldsync.domain.officer import TravelMode
from fieldsync.errors import InputError, NotFoundError
from fieldsync.planner.day_changes import Move, changes, differs
from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Budget
from fieldsync.planner.replan import Replan, replan
from fieldsync.planner.rest_of_day import Situation
from tests.planner.test_replan import at, candidate, empty_itinerary

_RULE = LunchRule(2700, Window(at(11, 30), at(13, 30)))
_QUICK = Budget(iterations=20, seconds=5.0)


def again(day: Itinerary, **situation: object) -> Replan:
    """The rest of the day in this situation."""
    return replan(day, Situation(**situation), InsertionSolver(), _QUICK)  # type: ignore[arg-type]  # each named at the call


@pytest.fixture
def day() -> Itinerary:
    """A day of six stops with its break."""
    empty = replace(empty_itinerary(*map(candidate, range(1, 7))), lunch_rule=_RULE)
    return again(empty, now=at(8, 30)).itinerary


def before_lunch(day: Itinerary) -> list[str]:
    """The cases of the stops that lie before the break."""
    assert day.lunch is not None
    return [stop.case_id for stop in day.stops if stop.start < day.lunch.start]


def test_a_break_that_was_had_is_not_planned_again(day: Itinerary) -> None:
    """Its time is over, every stop before it is done, no visit lay in it: the afternoon has none."""
    assert day.lunch is not None
    visited = tuple(before_lunch(day))
    result = again(day, now=day.lunch.end + timedelta(minutes=5), visited=visited)
    assert result.itinerary.lunch == day.lunch
    first = result.itinerary.stops[len(visited)]
    assert first.start >= day.lunch.end


def test_who_is_at_lunch_goes_on_after_it(day: Itinerary) -> None:
    """In the middle of the break the next way begins at its end."""
    assert day.lunch is not None
    visited = tuple(before_lunch(day))
    result = again(day, now=day.lunch.start + timedelta(minutes=10), visited=visited)
    assert result.itinerary.lunch == day.lunch
    assert result.itinerary.stops[len(visited)].arrive >= day.lunch.end


@pytest.mark.parametrize("is_busy", [True, False], ids=["a visit lay in it", "a stop is open"])
def test_who_ran_late_eats_later(day: Itinerary, *, is_busy: bool) -> None:
    """A pair that worked through its break still gets one, as long as the rule lets it begin."""
    assert day.lunch is not None
    visited = before_lunch(day)
    busy = (Window(day.lunch.start, day.lunch.end),) if is_busy else ()
    made = tuple(visited if is_busy else visited[:-1])
    now = max(day.lunch.end, at(12, 45))
    result = again(day, now=now, visited=made, busy=busy)
    assert result.itinerary.lunch is not None
    assert now <= result.itinerary.lunch.start <= _RULE.begins.end
    told = again(day, now=now, visited=made, busy=busy, has_eaten=True)
    assert told.itinerary.lunch in {None, day.lunch}


def test_after_the_last_time_for_it_no_break_is_due(day: Itinerary) -> None:
    """At two nobody is sent to eat who could not before."""
    result = again(day, now=at(14), visited=(before_lunch(day)[0],))
    assert result.itinerary.lunch is None


def test_the_way_is_that_of_the_pair(day: Itinerary) -> None:
    """From a place that is not on the list a pair on foot walks, and takes longer than a car."""
    position = replace(day.start, lat=day.start.lat + 0.02)
    firsts = [
        again(replace(day, mode=mode), now=at(8, 30), position=position).itinerary.stops[0]
        for mode in (TravelMode.CAR, TravelMode.FOOT)
    ]
    assert firsts[0].travel_s < firsts[1].travel_s


def test_a_second_try_has_a_stop_of_its_own(day: Itinerary) -> None:
    """The visit that met nobody stays where it was; the same case follows in the spans that are open."""
    case = day.stops[0].case_id
    later = (Window(at(16), at(17)),)
    first = again(day, now=at(9, 30), visited=(case,), again={case: later})
    tries = [stop for stop in first.itinerary.stops if stop.case_id == case]
    assert len(tries) == 2
    assert at(16) <= tries[1].start < at(17)
    kept = again(first.itinerary, now=at(9, 40), visited=(case,))
    assert [s.case_id for s in kept.itinerary.stops].count(case) == 2
    over = again(first.itinerary, now=at(9, 40), visited=(case, case))
    assert [s.case_id for s in over.itinerary.stops].count(case) == 2
    assert case not in over.dropped


def test_an_appointment_at_a_closed_time_names_the_open_ones(day: Itinerary) -> None:
    """Of several every impossible one is named; of a stranger that it is none of the day."""
    agreed = {
        "C1": Window(at(7), at(7, 30)),
        "C2": Window(at(10), at(11)),
        "C3": Window(at(22), at(23)),
    }
    with pytest.raises(InputError) as caught:
        again(day, now=at(9), agreed=agreed)
    assert "C1 07:00-07:30; C3 22:00-23:00" in str(caught.value)
    with pytest.raises(NotFoundError):
        again(day, now=at(9), agreed={"C9": Window(at(10), at(11))})


def test_an_appointment_without_room_is_missed_with_its_reason(day: Itinerary) -> None:
    """Two people cannot be met at once: one is kept, the other named."""
    agreed = {case: Window(at(15), at(15, 1)) for case in ("C1", "C6")}
    result = again(day, now=at(9), agreed=agreed)
    assert len(result.missed) == 1
    assert {str(why) for why in result.missed.values()} == {
        "It cannot be kept together with the other appointments."
    }


def test_the_promise_that_was_given_first_is_kept(day: Itinerary) -> None:
    """Where a new time excludes one that was agreed before, the new one is named."""
    span = Window(at(15), at(15, 1))
    first = again(day, now=at(9), agreed={"C1": span}).itinerary
    assert set(again(first, now=at(9), agreed={"C6": span}).missed) == {"C6"}


def test_every_change_is_named(day: Itinerary) -> None:
    """Done, later, dropped: each stop once, with its minutes."""
    done, blocked = day.stops[0].case_id, day.stops[1].case_id
    result = again(day, now=at(11), visited=(done,), blocked={blocked: "Hold."})
    found = {c.case_id: c for c in changes(day, result.itinerary, (done,))}
    assert found[done].move is Move.DONE
    assert found[blocked].move is Move.DROPPED
    assert any(change.move is Move.LATER and change.minutes > 0 for change in found.values())
    assert differs(day, result.itinerary, (done,))
    assert not differs(day, day, (done,))
