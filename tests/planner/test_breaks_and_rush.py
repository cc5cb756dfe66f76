"""A day with a break, rush hours, skills and several addresses, checked by a watch of the test's own."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.planner.insertion import fill
from fieldsync.planner.left_out import Reason, explain
from fieldsync.planner.on_the_way import arrival, latest_departure
from fieldsync.planner.problem import Client, Lunch, Problem, Rush, Vehicle
from fieldsync.planner.timetable import Fault, Timetable, is_legal, walk
from tests.planner.made_up_days import HOUR, small_days

_MORNING = (Rush(7 * HOUR, 9 * HOUR, 150), Rush(17 * HOUR, 19 * HOUR, 200))
_NOON = Lunch(2700, int(11.5 * HOUR), int(13.5 * HOUR))


@given(st.integers(0, 24 * HOUR), st.integers(0, 3 * HOUR), st.integers(1, HOUR))
def test_who_leaves_later_never_arrives_earlier(depart: int, usual: int, later: int) -> None:
    """First in, first out, through any rush; and no leg is quicker than usual."""
    assert arrival(_MORNING, depart, usual) <= arrival(_MORNING, depart + later, usual)
    assert arrival(_MORNING, depart, usual) >= depart + usual


@given(st.integers(0, 12 * HOUR), st.integers(0, 9 * HOUR), st.integers(0, 2 * HOUR))
def test_the_latest_departure_is_the_last_that_is_in_time(
    earliest: int, span: int, usual: int
) -> None:
    """It arrives in time, and a second later would not."""
    due = arrival(_MORNING, earliest, usual) + span
    depart = latest_departure(_MORNING, earliest, due, usual)
    assert depart >= earliest
    assert arrival(_MORNING, depart, usual) <= due < arrival(_MORNING, depart + 1, usual)


def test_a_rush_counts_only_while_it_lasts() -> None:
    """Half an hour before nine at one and a half times: twenty minutes of way are done by then."""
    assert arrival(_MORNING, int(8.5 * HOUR), 1800) == 9 * HOUR + 600


def _complaints(problem: Problem, table: Timetable) -> list[str]:
    """What a sceptic with a watch finds wrong with a pair's break."""
    lunch, rule = table.lunch, problem.vehicles[table.vehicle].lunch
    if rule is None or lunch is None:
        return []
    found = []
    if not rule.earliest <= lunch[0] <= rule.latest or lunch[1] - lunch[0] != rule.length_s:
        found.append("the break is not as it should be")
    for visit in table.visits:
        if lunch[0] < visit.leave and visit.start < lunch[1]:
            found.append("they visit while they eat")
        driven = min(lunch[1], visit.arrive) - max(lunch[0], visit.arrive - visit.travel)
        if driven > 0:
            found.append("they drive while they eat")
    return found


@settings(max_examples=25, deadline=None)
@given(small_days(max_pairs=1, max_cases=6))
def test_the_break_is_a_break(day: Problem) -> None:
    """Nobody visits or drives in the break, and no break ever brings a pair home earlier."""
    hungry = replace(day, vehicles=(replace(day.vehicles[0], lunch=_NOON),))
    route = fill(hungry, ((),), range(len(hungry.clients)))[0]
    table = walk(hungry, 0, route)
    assert table.fault is None
    assert is_legal(hungry, 0, route)
    every = tuple(range(len(hungry.clients)))
    assert is_legal(hungry, 0, every) == (walk(hungry, 0, every).fault is None)
    assert _complaints(hungry, table) == []
    assert table.back >= walk(day, 0, route).back
    is_out_at_noon = day.vehicles[0].shift_start <= _NOON.latest and table.back > _NOON.earliest
    assert not route or not is_out_at_noon or table.lunch is not None


def _two_homes() -> Problem:
    clients = (
        Client("A home", 1, ((9 * HOUR, 17 * HOUR),), 1800, 60, group="A"),
        Client("A work", 2, ((9 * HOUR, 17 * HOUR),), 1800, 55, group="A"),
        Client("B", 2, ((9 * HOUR, 17 * HOUR),), 1800, 60, needs=frozenset({"lang:yue"})),
    )
    pair = Vehicle("P", 0, 0, 8 * HOUR, 18 * HOUR, 5, skills=frozenset({"lang:zh"}))
    return Problem((pair,), clients, [[0, 600, 600], [600, 0, 300], [600, 300, 0]])


def test_a_case_is_visited_at_one_address_by_a_pair_that_can() -> None:
    """The better of two addresses; nobody is sent who does not speak the language, and it is told."""
    problem = _two_homes()
    routes = fill(problem, ((),), range(3))
    assert routes == ((0,),)
    assert walk(problem, 0, (0, 1)).fault is Fault.TWICE
    assert walk(problem, 0, (2,)).fault is Fault.CANNOT
    assert [out.reason for out in explain(problem, routes, [2])] == [Reason.NO_SKILL]


def test_a_day_without_room_for_lunch_is_faulted() -> None:
    """Visits back to back through noon leave no break; the watch says so."""
    client = Client("long", 1, ((11 * HOUR, 11 * HOUR),), 3 * HOUR, 50)
    pair = Vehicle("P", 0, 0, int(10.9 * HOUR), 18 * HOUR, 5, lunch=_NOON)
    problem = Problem((pair,), (client,), [[0, 300], [300, 0]])
    assert walk(problem, 0, (0,)).fault is Fault.NO_LUNCH
    assert fill(problem, ((),), (0,)) == ((),)
