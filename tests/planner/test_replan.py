"""The rest of a pair's day, ordered anew on the device with what the itinerary brought."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldsync.adapters.geodesic import GeodesicTravel
from fieldsync.adapters.solver_pyvrp import PyvrpSolver
from fieldsync.domain.calendar import Window
from fieldsync.domain.itinerary import Candidate, Itinerary
from fieldsync.domain.officer import Officer
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Budget, Problem, Routes, RouteSolver, Solved
from fieldsync.planner.replan import Replan, replan
from fieldsync.planner.rest_of_day import Situation

ZONE = ZoneInfo("Asia/Shanghai")
SOLVERS = (InsertionSolver(), PyvrpSolver())
# Days of five cases: the best is found at once.
_QUICK = Budget(iterations=30, seconds=5.0)


def at(hour: int, minute: int = 0) -> datetime:
    """A time of the day."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=ZONE)


def candidate(number: int, *, agreed_at: datetime | None = None) -> Candidate:
    """A case 600 m further north-east than the last one, open from eight, or at the agreed time."""
    window = Window(at(8), at(21, 30))
    if agreed_at is not None:
        window = Window(agreed_at, agreed_at + timedelta(minutes=30))
    return Candidate(
        case_id=f"C{number}",
        address_id="home",
        point=Point(22.53 + number * 0.004, 113.93 + number * 0.004),
        windows=(window,),
        service_s=1800,
        priority=50 + number,
        is_appointment=agreed_at is not None,
    )


def empty_itinerary(*candidates: Candidate) -> Itinerary:
    """A day without stops, from which `replan` makes the first order."""
    start = Point(22.53, 113.93)
    matrix = GeodesicTravel().matrix([start, start, *(c.point for c in candidates)])
    return Itinerary(
        itinerary_id="itinerary-1",
        version=3,
        day=date(2026, 11, 24),
        branch="SZ-NANSHAN",
        pair_id="P1",
        officers=(Officer("E1", "Ana", "SZ-NANSHAN"), Officer("E2", "Ben", "SZ-NANSHAN")),
        start=start,
        end=start,
        shift=Window(at(8, 30), at(18)),
        max_stops=14,
        stops=(),
        return_at=at(8, 30),
        candidates=candidates,
        travel_s=tuple(map(tuple, matrix.seconds)),
        distance_m=tuple(map(tuple, matrix.metres)),
    )


def again(
    itinerary: Itinerary,
    solver: RouteSolver,
    now: datetime,
    *,
    position: Point | None = None,
    visited: tuple[str, ...] = (),
    blocked: dict[str, str] | None = None,
) -> Replan:
    """Replan with everything that is not named left as it is."""
    situation = Situation(now=now, position=position, visited=visited, blocked=blocked or {})
    return replan(itinerary, situation, solver, _QUICK)


@pytest.fixture(params=SOLVERS, ids=lambda solver: solver.name)
def solver(request: pytest.FixtureRequest) -> RouteSolver:
    """Each solver there is."""
    chosen: RouteSolver = request.param
    return chosen


def test_a_blocked_case_leaves_and_the_rest_moves_up(solver: RouteSolver) -> None:
    """What may not be visited any more is dropped with the reason that was given."""
    day = again(empty_itinerary(*map(candidate, range(1, 5))), solver, at(8, 30)).itinerary
    assert len(day.stops) == 4
    first = day.stops[0].case_id
    result = again(day, solver, at(8, 30), blocked={first: "Hardship disclosed."})
    assert {case: str(why) for case, why in result.dropped.items()} == {
        first: "Hardship disclosed."
    }
    assert first not in [stop.case_id for stop in result.itinerary.stops]
    assert len(result.kept) == 3
    assert result.itinerary.version == 3


def test_finished_stops_stay_and_the_next_begins_no_earlier_than_now(solver: RouteSolver) -> None:
    """The past is not planned again; the first open visit begins after now and the way there."""
    day = again(empty_itinerary(*map(candidate, range(1, 5))), solver, at(8, 30)).itinerary
    done = day.stops[0]
    result = again(day, solver, at(11), visited=(done.case_id,))
    assert result.itinerary.stops[0] == done
    following = result.itinerary.stops[1]
    assert following.start >= at(11) + timedelta(seconds=following.travel_s)


def test_a_spare_fills_the_time_that_became_free(solver: RouteSolver) -> None:
    """With the most stops reached a spare stays out; when a stop falls away it comes in."""
    itinerary = replace(empty_itinerary(*map(candidate, range(1, 5))), max_stops=3)
    day = again(itinerary, solver, at(8, 30)).itinerary
    spare = {"C1", "C2", "C3", "C4"} - {stop.case_id for stop in day.stops}
    result = again(day, solver, at(8, 30), blocked={day.stops[0].case_id: "Hold."})
    assert set(result.added) == spare


def test_an_appointment_is_kept_although_the_morning_ran_late(solver: RouteSolver) -> None:
    """Others give way to the person who waits."""
    agreed = candidate(5, agreed_at=at(14))
    itinerary = empty_itinerary(*map(candidate, range(1, 5)), agreed)
    day = again(itinerary, solver, at(8, 30)).itinerary
    result = again(day, solver, at(13, 40), position=Point(22.545, 113.945))
    kept = next(stop for stop in result.itinerary.stops if stop.case_id == "C5")
    assert at(14) <= kept.start < at(14, 30)


def test_an_appointment_that_has_passed_is_dropped_with_its_reason(solver: RouteSolver) -> None:
    """At three nobody can keep a time agreed for two."""
    agreed = candidate(5, agreed_at=at(14))
    day = again(empty_itinerary(candidate(1), agreed), solver, at(8, 30)).itinerary
    result = again(day, solver, at(15))
    assert (
        str(result.dropped["C5"]) == "Nobody can be there in the permitted time within the shift."
    )


def test_with_nothing_left_the_pair_goes_home(solver: RouteSolver) -> None:
    """An empty rest is a plan too: back as soon as the way home allows."""
    day = again(empty_itinerary(candidate(1)), solver, at(8, 30)).itinerary
    result = again(day, solver, at(12), visited=("C1",))
    assert result.itinerary.stops == day.stops
    assert result.itinerary.return_at > at(12)


def test_a_shift_that_is_over_is_said_so() -> None:
    """At six there is nothing left to order."""
    with pytest.raises(InputError) as caught:
        again(empty_itinerary(candidate(1)), InsertionSolver(), at(18))
    assert caught.value.code == "422.37"


def test_travel_times_that_do_not_fit_are_refused() -> None:
    """A matrix with a gap must not send anybody anywhere."""
    itinerary = empty_itinerary(candidate(1), candidate(2))
    with pytest.raises(InputError) as caught:
        again(replace(itinerary, travel_s=itinerary.travel_s[:-1]), InsertionSolver(), at(9))
    assert caught.value.code == "422.36"


class _Forgetful:
    """A solver that comes back with nothing at all."""

    name = "forgetful"

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """No route."""
        _unused = start, budget
        return Solved(problem.nothing, 1)


def test_a_proposal_is_never_worse_than_the_order_that_stands() -> None:
    """Whatever a search loses, the stops that the present order still keeps stay, appointments first."""
    agreed = candidate(5, agreed_at=at(14))
    spares = [candidate(number) for number in range(1, 5)]
    day = again(empty_itinerary(*spares, agreed), InsertionSolver(), at(8, 30)).itinerary
    for now, position in ((at(8, 30), None), (at(12), None), (at(13, 20), Point(22.6, 114.0))):
        result = again(day, _Forgetful(), now, position=position)
        assert "C5" in {stop.case_id for stop in result.itinerary.stops}
        best = again(day, InsertionSolver(), now, position=position)
        assert len(result.itinerary.stops) >= len(best.itinerary.stops) - 1


def test_the_same_facts_give_the_same_day(solver: RouteSolver) -> None:
    """Re-planned at once with nothing changed, the day stays as it is, stop for stop."""
    day = again(empty_itinerary(*map(candidate, range(1, 6))), solver, at(8, 30)).itinerary
    result = again(day, solver, at(8, 30))
    assert [stop.case_id for stop in result.itinerary.stops] == [s.case_id for s in day.stops]
    assert not result.dropped


@pytest.mark.parametrize(
    "position", [Point(0, 0), Point(31.2, 121.5), Point(22.53, -113.93), Point(66.07, 22.53)]
)
def test_a_point_far_from_the_day_is_refused(position: Point) -> None:
    """Nobody re-plans a day in Shenzhen from the Gulf of Guinea."""
    day = empty_itinerary(candidate(1), candidate(2))
    with pytest.raises(InputError) as caught:
        again(day, InsertionSolver(), at(9), position=position)
    assert caught.value.code == "422.39"
    assert "--from-stop" in str(caught.value.hint)


def test_axes_changed_round_are_noticed() -> None:
    """Where the point fits with longitude and latitude changed round, that one is offered."""
    turned = Point(40.0, 70.0)
    day = replace(empty_itinerary(candidate(1)), start=turned)
    with pytest.raises(InputError) as caught:
        again(day, InsertionSolver(), at(9), position=Point(70.0, 40.0))
    assert "did you mean 40.0,70.0" in str(caught.value.hint)
