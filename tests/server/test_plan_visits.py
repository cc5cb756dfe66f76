"""Planning a branch's day on a real store: what is kept, what is explained, what is refused."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from fieldsync.domain.case import Flag
from fieldsync.domain.officer import Officer
from fieldsync.errors import FieldsyncError
from fieldsync.planner.problem import Budget
from server.context import ServerContext
from server.store.engine import reading
from server.store.plans import StoredPlan, latest_plan_id, load_plan
from server.store.tables import assessments
from server.workflow.plan_visits import plan_visits
from tests.fakes import FixedClock
from tests.server.branch_day import (
    BRANCH,
    TOMORROW,
    ZONE,
    add_cases,
    add_pairs,
    nearby_case,
    pair_of,
)

QUICK = Budget(seed=1, iterations=50, seconds=20.0)


@pytest.fixture
def branch(staffed: ServerContext, ana: Officer, ben: Officer) -> ServerContext:
    """Ana and Ben and six cases, one with an agreed time tomorrow at ten."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    agreed = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
    add_cases(staffed, [nearby_case(n) for n in range(1, 6)])
    add_cases(staffed, [nearby_case(6, agreed_at=agreed)])
    return staffed


def planned(server: ServerContext, day: date = TOMORROW) -> StoredPlan:
    """A plan made quickly."""
    return plan_visits(server, BRANCH, day, budget=QUICK)


def code_of(server: ServerContext, branch: str, day: date) -> str:
    """The number of the error that planning ends with."""
    with pytest.raises(FieldsyncError) as caught:
        plan_visits(server, branch, day, budget=QUICK)
    assert caught.value.hint is not None
    return caught.value.code


def test_a_day_is_planned_and_kept(branch: ServerContext) -> None:
    """Every case is visited, the appointment in its window, and the store gives the plan back."""
    stored = planned(branch)
    stops = stored.plan.itineraries[0].stops
    assert len(stops) == 6
    agreed = next(stop for stop in stops if stop.is_appointment)
    assert agreed.windows[0].contains(agreed.start)
    with reading(branch.engine) as conn:
        assert latest_plan_id(conn, BRANCH, TOMORROW) == stored.plan_id
        again = load_plan(conn, stored.plan_id)
        assert conn.execute(select(func.count()).select_from(assessments)).scalar() == 6
    assert again == stored


def test_every_stop_says_why_in_both_languages(branch: ServerContext) -> None:
    """An officer of either language can tell why this door, and what the priority is made of."""
    for stop in planned(branch).plan.itineraries[0].stops:
        assert f"Priority {stop.priority}" in stop.why["en"]
        assert f"优先级 {stop.priority}" in stop.why["zh-CN"]


def test_the_same_seed_gives_the_same_plan(branch: ServerContext) -> None:
    """Two plans of one book differ in their id alone."""
    first, second = planned(branch), planned(branch)
    assert first.plan == second.plan
    assert first.facts == second.facts


def test_the_plan_made_last_is_the_newest_whatever_the_clock_says(branch: ServerContext) -> None:
    """A clock set back between two plans does not bring the older one to the officers."""
    planned(branch)
    earlier = FixedClock(branch.clock.now() - timedelta(minutes=5))
    last = planned(replace(branch, clock=earlier))
    with reading(branch.engine) as conn:
        assert latest_plan_id(conn, BRANCH, TOMORROW) == last.plan_id


def test_cases_off_the_road_are_counted_by_rule(branch: ServerContext) -> None:
    """A represented borrower is not visited, and the plan says which rule said so."""
    represented = replace(nearby_case(7), flags=frozenset({Flag.REPRESENTED}))
    add_cases(branch, [represented])
    plan = planned(branch).plan
    assert [(one.reason, one.cases) for one in plan.not_eligible] == [("HOUSE-REPRESENTED", 1)]
    assert plan.eligible == 6


def test_an_appointment_nobody_can_keep_is_named_with_its_reason(branch: ServerContext) -> None:
    """At half past eight in the evening every pair is at home."""
    late = nearby_case(8, agreed_at=datetime(2026, 11, 25, 20, 30, tzinfo=ZONE))
    add_cases(branch, [late])
    missed = [out for out in planned(branch).plan.left_out if out.is_appointment]
    assert [(out.case_id, out.reason) for out in missed] == [("C-08", "out_of_reach")]


def test_a_case_without_coordinates_is_named(branch: ServerContext) -> None:
    """Nobody is sent to a place that is not on the map, and the office learns which."""
    case = nearby_case(9)
    add_cases(branch, [replace(case, addresses=(replace(case.addresses[0], point=None),))])
    assert [(o.case_id, o.reason) for o in planned(branch).plan.left_out] == [("C-09", "no_place")]


def test_who_agreed_on_another_day_is_left_in_peace_today(branch: ServerContext) -> None:
    """Somebody with a time on Thursday is not surprised on Wednesday."""
    thursday = nearby_case(9, agreed_at=datetime(2026, 11, 26, 10, 0, tzinfo=ZONE))
    add_cases(branch, [thursday])
    plan = planned(branch).plan
    assert [(one.reason, one.cases) for one in plan.not_eligible] == [("HOUSE-APPOINTMENT", 1)]


def test_a_plan_of_today_begins_now(branch: ServerContext) -> None:
    """At ten in the morning nobody is sent back to half past eight."""
    stops = planned(branch, date(2026, 11, 24)).plan.itineraries[0].stops
    assert stops[0].start > datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def test_an_unknown_branch_is_refused(branch: ServerContext) -> None:
    """The error lists the branches there are."""
    assert code_of(branch, "SZ-NOWHERE", TOMORROW) == "404.31"


def test_a_branch_without_pairs_is_refused(branch: ServerContext) -> None:
    """Futian has Cy, and nobody to walk with."""
    assert code_of(branch, "SZ-FUTIAN", TOMORROW) == "422.31"


def test_a_branch_without_cases_is_refused(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """Nothing was imported yet."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    assert code_of(staffed, BRANCH, TOMORROW) == "422.32"


def test_a_branch_nobody_of_which_may_be_visited_is_refused(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """The answers on eligibility are kept all the same, so that `show case` can explain each."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    add_cases(staffed, [replace(nearby_case(1), flags=frozenset({Flag.DECEASED}))])
    assert code_of(staffed, BRANCH, TOMORROW) == "422.33"
    with reading(staffed.engine) as conn:
        assert conn.execute(select(assessments.c.eligible)).scalar() is False


def test_a_past_day_is_refused(branch: ServerContext) -> None:
    """Yesterday cannot be planned."""
    assert code_of(branch, BRANCH, date(2026, 11, 23)) == "422.34"


def test_a_day_whose_shifts_are_over_is_refused(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """The only pair went home at half past nine; it is ten."""
    add_pairs(staffed, [pair_of("P1", ana, ben, shift_end=time(9, 30))])
    add_cases(staffed, [nearby_case(1)])
    assert code_of(staffed, BRANCH, date(2026, 11, 24)) == "422.35"
