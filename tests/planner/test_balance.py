"""Where there are fewer cases than hands, the day is shared; nobody is dropped and no law is bent for it."""

from dataclasses import replace

from hypothesis import given, settings

from fieldsync.planner.balance import balance
from fieldsync.planner.insertion import fill
from fieldsync.planner.problem import Client, Problem, Routes, Vehicle
from fieldsync.planner.timetable import served, walk_all
from tests.planner.day_checker import complaints
from tests.planner.made_up_days import HOUR, small_days


def working_times(problem: Problem, routes: Routes) -> list[int]:
    """Seconds from leaving to being back, the longest day first."""
    days = walk_all(problem, routes)
    return sorted((d.back - d.depart if d.visits else 0 for d in days), reverse=True)


@given(problem=small_days())
@settings(max_examples=40)
def test_the_same_visits_are_made_on_lawful_days(problem: Problem) -> None:
    """Whatever the day: nobody more, nobody less, no fault, and no day longer than the longest was."""
    routes = fill(problem, problem.nothing, range(len(problem.clients)))
    fairer = balance(problem, routes)
    assert served(fairer) == served(routes)
    assert complaints(problem, walk_all(problem, fairer)) == []
    assert working_times(problem, fairer) <= working_times(problem, routes)


def test_a_light_day_is_shared_between_neighbours() -> None:
    """Two pairs of one house and eight visits that the first could make alone: both go out."""
    ways = [[0 if a == b else 300 for b in range(9)] for a in range(9)]
    vehicles = tuple(Vehicle(name, 0, 0, 9 * HOUR, 18 * HOUR, 14) for name in ("P1", "P2"))
    clients = tuple(Client(f"C{n}", n, ((0, 24 * HOUR),), 1800, 50) for n in range(1, 9))
    alone = (tuple(range(8)), ())
    day = Problem(vehicles, clients, ways)
    assert working_times(day, alone) == [8 * 1800 + 9 * 300, 0]
    shared = balance(day, alone)
    assert [len(route) for route in shared] == [4, 4]
    known = replace(day, clients=tuple(replace(client, prefers=0) for client in clients))
    assert balance(known, alone) == alone
