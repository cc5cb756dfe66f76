"""A day is planned from what the book says: kinds of visits, familiar faces, other addresses, wrong places."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import AgreementState, Case
from fieldsync.domain.itinerary import Itinerary, VisitKind
from fieldsync.domain.officer import Officer
from fieldsync.domain.place import AddressKind, Point
from fieldsync.domain.visit import OutcomeCode
from fieldsync.errors import InputError
from fieldsync.planner.problem import Budget
from server.config import CONFIG_NAME, load_config
from server.context import ServerContext
from server.store.cases import set_agreement_state
from server.store.engine import reading, writing
from server.store.pairs import load_pairs
from server.store.plans import DayPlan
from server.store.visits import VisitBegin, VisitEnd, add_visit, end_visit
from server.workflow.assess_eligibility import assessments_of
from server.workflow.far_away import Surroundings
from server.workflow.plan_visits import plan_visits
from server.workflow.visit_candidates import Known, visit_candidates
from tests.fakes import FixedClock
from tests.server.branch_day import (
    BRANCH,
    DI,
    ED,
    TOMORROW,
    ZONE,
    add_cases,
    add_colleagues,
    add_pairs,
    nearby_case,
    pair_of,
)

QUICK = Budget(seed=1, iterations=50, seconds=20.0)


@pytest.fixture
def branch(staffed: ServerContext, ana: Officer, ben: Officer) -> ServerContext:
    """Two pairs of the same door."""
    add_colleagues(staffed)
    add_pairs(staffed, [pair_of("P1", ana, ben), pair_of("P2", DI, ED)])
    return staffed


def planned(ctx: ServerContext) -> DayPlan:
    """Tomorrow's plan."""
    return plan_visits(ctx, BRANCH, TOMORROW, budget=QUICK).plan


def moved(case: Case, point: Point) -> Case:
    """The case with its home at another place."""
    return replace(case, addresses=(replace(case.addresses[0], point=point),))


def with_settings(ctx: ServerContext, *lines: str) -> ServerContext:
    """The server with these lines in its section [planning]."""
    path = ctx.config.home / CONFIG_NAME
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[planning]\n" + "\n".join(lines), encoding="utf-8")
    return replace(ctx, config=load_config(str(ctx.config.home)))


def test_how_long_a_visit_takes_depends_on_what_it_is_for(branch: ServerContext) -> None:
    """An agreement to sign takes its minutes from the settings, a first visit thirty, an appointment its own."""
    agreed = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
    add_cases(branch, [nearby_case(1), nearby_case(2, agreed_at=agreed)])
    add_cases(branch, [nearby_case(3)])
    with writing(branch.engine) as conn:
        set_agreement_state(conn, "C-03", AgreementState.PROPOSED)
    ours = with_settings(branch, "service_minutes = { agreement = 55 }")
    stops = {s.case_id: s for one in planned(ours).itineraries for s in one.stops}
    told = {case_id: (stop.kind, stop.service_s // 60) for case_id, stop in stops.items()}
    assert told == {
        "C-01": (VisitKind.FIRST, 30),
        "C-02": (VisitKind.APPOINTMENT, 30),
        "C-03": (VisitKind.AGREEMENT, 55),
    }


def test_the_pair_that_met_the_borrower_comes_again(
    branch: ServerContext, clock: FixedClock
) -> None:
    """Di and Ed spoke with the borrower three weeks ago: a follow-up, and theirs."""
    add_cases(branch, [nearby_case(1), nearby_case(2)])
    begun = clock.now() - timedelta(days=21)
    officers = (DI.officer_id, ED.officer_id)
    with writing(branch.engine) as conn:
        add_visit(conn, VisitBegin("V1", "C-01", "D1", "home", officers, begun))
        end_visit(
            conn,
            VisitEnd(
                "V1", "C-01", begun, OutcomeCode.MET_DEBTOR, identity_shown=True, promise_until=None
            ),
        )
    plan = planned(branch)
    pair = next(i for i in plan.itineraries if any(s.case_id == "C-01" for s in i.stops))
    stop = next(s for s in pair.stops if s.case_id == "C-01")
    assert (pair.pair_id, stop.kind) == ("P2", VisitKind.FOLLOW_UP)


def test_another_address_is_gone_to_where_home_is_out_of_reach(branch: ServerContext) -> None:
    """A case is planned at one of its addresses; the second stands in where the first is too far today."""
    case = nearby_case(1)
    home = case.addresses[0]
    far = replace(home, point=Point(23.9, 114.9))
    near = replace(home, address_id="second", kind=AddressKind.OTHER)
    add_cases(branch, [replace(case, addresses=(far, near)), nearby_case(2)])
    stops = [s for one in planned(branch).itineraries for s in one.stops if s.case_id == "C-01"]
    assert [stop.address_id for stop in stops] == ["second"]
    assert len({c.case_id for one in planned(branch).itineraries for c in one.candidates}) == 2


def test_places_that_cannot_be_right_are_named_and_planned_around(branch: ServerContext) -> None:
    """Swapped coordinates and a point on another continent stay at home with their reason; the rest is planned."""
    add_cases(
        branch,
        [
            nearby_case(1),
            moved(nearby_case(2), Point(48.85, 2.35)),
            moved(nearby_case(3), Point(-8.0, 113.93)),
        ],
    )
    plan = planned(branch)
    assert [s.case_id for one in plan.itineraries for s in one.stops] == ["C-01"]
    reasons = {out.case_id: out.reason for out in plan.left_out}
    assert reasons == {"C-02": "far_away", "C-03": "far_away"}


def test_swapped_coordinates_are_called_that() -> None:
    """A branch in Urumqi: 87.6 north would be beyond Greenland; the other way round it is next door."""
    around = Surroundings(Point(43.8, 87.6), 300)
    assert around.wrong_with(Point(43.9, 87.5)) is None
    assert "swapped" in str(around.wrong_with(Point(87.6, 43.8)))
    assert "Check" in str(around.wrong_with(Point(22.5, 113.9)))


def test_a_window_shorter_than_the_visit_is_named(branch: ServerContext, clock: FixedClock) -> None:
    """Ten minutes are open: the case is left out, and the minutes that a visit takes are told."""
    add_cases(branch, [nearby_case(1)])
    with reading(branch.engine) as conn:
        pairs = load_pairs(conn, BRANCH)
        (one,) = assessments_of(conn, BRANCH, TOMORROW, branch.rulesets, clock.now())
    begin = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
    narrow = replace(one.eligibility, windows=(Window(begin, begin + timedelta(minutes=10)),))
    known = Known(TOMORROW, branch.rulesets, pairs)
    (out,) = visit_candidates([replace(one, eligibility=narrow)], known).left_out
    assert out.reason == "short_window"
    assert "30 minutes" in out.message["en"]
    assert "30 分钟" in out.message["zh-CN"]


def test_rush_hours_reach_the_device(branch: ServerContext) -> None:
    """The way takes longer in them, and the itinerary tells the device so."""
    add_cases(branch, [nearby_case(1)])
    calm = planned(branch).itineraries
    ours = with_settings(branch, 'rush = { car = [["08:00", "18:00", 200]] }')
    busy = planned(ours).itineraries
    assert [one.percent for one in busy[0].rush] == [200]

    def first_leg(days: tuple[Itinerary, ...]) -> int:
        return next(s.travel_s for one in days for s in one.stops)

    assert first_leg(busy) > first_leg(calm)


@pytest.mark.parametrize(
    "line",
    [
        "seconds_per_point = 0",
        "most_km = true",
        "service_minutes = { tea = 5 }",
        "service_minutes = { first = 0 }",
        "service_minutes = 30",
        'rush = { train = [["08:00", "09:00", 120]] }',
        'rush = { car = [["08:00", "09:00"]] }',
        'rush = { car = [["09:00", "08:00", 120]] }',
        'rush = { car = [["08:00", "09:00", 90]] }',
        'rush = { car = [["08:00", "09:00", 120], ["08:30", "10:00", 120]] }',
        "tea = 5",
    ],
)
def test_a_wrong_setting_is_named(server: ServerContext, line: str) -> None:
    """With its number, before anything is planned with it."""
    with pytest.raises(InputError) as caught:
        with_settings(server, line)
    assert caught.value.code == "422.571"
    assert "planning." in str(caught.value.message)


def test_a_case_is_visited_by_a_pair_trained_for_it(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """Only the second pair knows hardship talks; what nobody is trained in is left out by name."""
    add_colleagues(staffed)
    trained = replace(pair_of("P2", DI, ED), skills=("hardship",))
    add_pairs(staffed, [pair_of("P1", ana, ben), trained])
    wanted = [replace(nearby_case(n), skills=("hardship",)) for n in (1, 2)]
    add_cases(staffed, [*wanted, replace(nearby_case(3), skills=("diving",)), nearby_case(4)])
    plan = planned(staffed)
    by_pair = {i.pair_id: {s.case_id for s in i.stops} for i in plan.itineraries}
    assert by_pair["P2"] >= {"C-01", "C-02"}
    assert {out.case_id: out.reason for out in plan.left_out} == {"C-03": "no_skill"}


def test_where_nobody_says_who_is_trained_everybody_goes(branch: ServerContext) -> None:
    """A book may name what a visit needs before the staff table does."""
    add_cases(branch, [replace(nearby_case(1), skills=("hardship",))])
    assert not planned(branch).left_out
