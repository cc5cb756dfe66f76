"""What a person asks of a plan: what if somebody is away, why a case is not on it, can it be had again."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from fieldsync.domain.officer import Officer
from fieldsync.errors import FieldsyncError
from fieldsync.planner.problem import Budget
from server.commands.typed_shift import typed_shift
from server.context import ServerContext
from server.store.engine import reading
from server.store.plans import StoredPlan, latest_plan_id
from server.workflow.explain_plan import Again, case_in_plan, plan_again
from server.workflow.plan_difference import difference
from server.workflow.plan_visits import Asked, draft_plan, keep_plan
from server.workflow.what_if import WhatIf
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
def planned(staffed: ServerContext, ana: Officer, ben: Officer, cy: Officer) -> StoredPlan:
    """Two pairs that share an officer, seven cases, one agreed for ten: a plan that is kept."""
    add_pairs(staffed, [pair_of("P1", ana, ben), pair_of("P2", ana, cy)])
    agreed = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
    add_cases(staffed, [nearby_case(n) for n in range(1, 7)])
    add_cases(staffed, [nearby_case(7, agreed_at=agreed)])
    return keep_plan(staffed, Asked(BRANCH, TOMORROW, QUICK))


def supposed(ctx: ServerContext, what_if: WhatIf) -> StoredPlan:
    """The day as supposed, in the shape of a kept plan."""
    plan, facts = draft_plan(ctx, Asked(BRANCH, TOMORROW, QUICK, what_if), ctx.clock.now())
    return StoredPlan("", ctx.clock.now(), None, facts, plan)


def test_without_an_officer_their_pair_stays_at_home(
    staffed: ServerContext, planned: StoredPlan, ben: Officer
) -> None:
    """Only the other pair goes out, nothing is kept, and the difference names who moved."""
    after = supposed(staffed, WhatIf(without=(ben.officer_id,)))
    assert [one.pair_id for one in after.plan.itineraries] == ["P2"]
    with reading(staffed.engine) as conn:
        assert latest_plan_id(conn, BRANCH, TOMORROW) == planned.plan_id
    told = difference(planned.plan, after.plan)
    before = {s.case_id for one in planned.plan.itineraries for s in one.stops}
    assert told.before.stops == len(before)
    assert told.after.stops == len(before) + len(told.gained) - len(told.lost)
    of_p1 = {
        s.case_id for one in planned.plan.itineraries if one.pair_id == "P1" for s in one.stops
    }
    assert set(told.moved) | set(told.lost) >= of_p1


def test_a_shift_of_its_own_holds_for_every_pair(
    staffed: ServerContext, planned: StoredPlan
) -> None:
    """With the hours from nine to noon every stop lies between them."""
    assert planned.plan.itineraries
    after = supposed(staffed, WhatIf(shift=typed_shift("9:00-12:00")))
    stops = [stop for one in after.plan.itineraries for stop in one.stops]
    assert stops
    assert all(time(9) <= stop.arrive.time() and stop.leave.time() <= time(12) for stop in stops)


@pytest.mark.parametrize(
    ("what_if", "code"),
    [(WhatIf(without=("nobody",)), "404.571"), (WhatIf(without=("P1", "P2")), "422.581")],
)
def test_a_supposition_that_makes_no_day_is_named(
    staffed: ServerContext, planned: StoredPlan, what_if: WhatIf, code: str
) -> None:
    """An officer nobody knows, and a day on which nobody is left."""
    assert planned.plan_id
    with pytest.raises(FieldsyncError) as caught:
        supposed(staffed, what_if)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["9", "9:00", "17:00-9:00", "9:00-25:00", "9:61-10:00", "nine"])
def test_what_is_no_shift_is_refused(text: str) -> None:
    """Named with an example of one."""
    with pytest.raises(FieldsyncError) as caught:
        typed_shift(text)
    assert caught.value.code == "422.584"


def test_every_case_of_the_book_has_its_place_in_the_plan(
    staffed: ServerContext, planned: StoredPlan
) -> None:
    """On the road with its number, or left out with its reason; one that nobody knows is named."""
    known = [nearby_case(n).case_id for n in range(1, 8)]
    for case_id in known:
        found = case_in_plan(staffed, planned.plan, case_id)
        assert (found.stop is None) == (found.left_out is not None)
        assert (found.stop is None) or found.number >= 1
    with pytest.raises(FieldsyncError) as caught:
        case_in_plan(staffed, planned.plan, "X-1")
    assert caught.value.code == "404.572"


def test_the_same_search_finds_the_plan_again_even_later(
    staffed: ServerContext, planned: StoredPlan, clock: FixedClock
) -> None:
    """An hour later it is the same; after another case came in the facts are others."""
    assert planned.facts.by_steps
    clock.go_on(hours=1)
    assert plan_again(staffed, planned, None) is Again.SAME
    add_cases(staffed, [nearby_case(8)])
    assert plan_again(staffed, planned, None) is Again.OTHER_FACTS


def test_a_search_that_was_ended_promises_nothing(
    staffed: ServerContext, planned: StoredPlan
) -> None:
    """Stopped by hand, the plan says so; made by an older program, it says that."""
    stopped = Asked(BRANCH, TOMORROW, replace(QUICK, stop=lambda: True))
    assert plan_again(staffed, keep_plan(staffed, stopped), None) is Again.ENDED_EARLY
    older = replace(planned, facts=replace(planned.facts, fieldsync_version="0.0.1"))
    assert plan_again(staffed, older, None) is Again.OTHER_PROGRAM
