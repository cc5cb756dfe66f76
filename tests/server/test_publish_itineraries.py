"""Handing a plan out: versions, assignments and feed rows, together or not at all."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from fieldsync.domain.case import Case, Hold, HoldKind
from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, FieldsyncError, NotFoundError
from fieldsync.planner.problem import Budget
from server.context import ServerContext
from server.store.assignments import officers_of
from server.store.cases import add_hold
from server.store.engine import reading, writing
from server.store.itineraries import live_itineraries
from server.store.tables import agent_feed, itineraries
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from tests.fakes import FixedClock
from tests.server.branch_day import (
    BRANCH,
    DI,
    ED,
    TOMORROW,
    add_cases,
    add_colleagues,
    add_pairs,
    nearby_case,
    pair_of,
)

QUICK = Budget(seed=1, iterations=50, seconds=20.0)


@pytest.fixture
def branch(staffed: ServerContext, ana: Officer, ben: Officer) -> ServerContext:
    """Two pairs and eight cases."""
    add_colleagues(staffed)
    add_pairs(staffed, [pair_of("P1", ana, ben), pair_of("P2", DI, ED)])
    add_cases(staffed, [nearby_case(n) for n in range(1, 9)])
    return staffed


def plan_id(server: ServerContext, day: date = TOMORROW) -> str:
    """The id of a fresh plan."""
    return plan_visits(server, BRANCH, day, budget=QUICK).plan_id


def on_device(server: ServerContext, officer: str) -> dict[str, str]:
    """What an officer's device would hold: live feed bodies by key."""
    query = select(agent_feed.c.key, agent_feed.c.body).where(
        agent_feed.c.agent == officer, agent_feed.c.op == "PUT"
    )
    with reading(server.engine) as conn:
        return {row.key: row.body for row in conn.execute(query)}


def keys(server: ServerContext, officer: str, kind: str) -> set[str]:
    """The keys of one kind on an officer's device."""
    return {key for key in on_device(server, officer) if key.startswith(kind + ":")}


def live(server: ServerContext, day: date = TOMORROW) -> dict[str, Itinerary]:
    """The live itineraries of a day by pair."""
    with reading(server.engine) as conn:
        return {one.pair_id: one for one in live_itineraries(conn, branch=BRANCH) if one.day == day}


def test_both_officers_get_the_itinerary_and_its_cases(branch: ServerContext) -> None:
    """What is on the device is exactly what the itinerary needs, spares included."""
    published = publish_plan(branch, plan_id(branch))
    assert (published.new, published.changed, published.unchanged) == (2, 0, 0)
    for pair_id, officers in (("P1", ("E1001", "E1002")), ("P2", ("E1003", "E1004"))):
        itinerary = live(branch)[pair_id]
        wanted = {f"case:{c.case_id}" for c in itinerary.candidates}
        for officer in officers:
            held = on_device(branch, officer)
            assert keys(branch, officer, "case") == wanted
            body = held[f"itinerary:{itinerary.itinerary_id}"]
            assert from_json(body, Itinerary) == itinerary


def test_the_identity_number_is_masked_off_the_server(branch: ServerContext) -> None:
    """A device never holds the whole number."""
    publish_plan(branch, plan_id(branch))
    held = on_device(branch, "E1001")
    bodies = [from_json(held[key], Case) for key in keys(branch, "E1001", "case")]
    assert bodies
    assert all("*" in case.borrower.id_number for case in bodies)


def test_no_case_is_offered_to_two_pairs(branch: ServerContext) -> None:
    """Nobody finds four officers at the door."""
    publish_plan(branch, plan_id(branch))
    first, second = ({c.case_id for c in one.candidates} for one in live(branch).values())
    assert not first & second


def test_publishing_again_changes_nothing(branch: ServerContext) -> None:
    """The same plan, and a new plan with the same result, leave versions and feed as they are."""
    publish_plan(branch, plan_id(branch))
    before = on_device(branch, "E1001"), live(branch)
    again = publish_plan(branch, plan_id(branch))
    assert (again.new, again.changed, again.unchanged, again.cases_reassigned) == (0, 0, 2, 0)
    assert (on_device(branch, "E1001"), live(branch)) == before


def test_a_changed_day_has_the_next_version_and_takes_cases_back(
    branch: ServerContext, clock: FixedClock
) -> None:
    """A hold after publishing: the new plan leaves the case out, and it leaves the devices."""
    publish_plan(branch, plan_id(branch))
    first = live(branch)["P1"]
    held_case = first.candidates[0].case_id
    with writing(branch.engine) as conn:
        add_hold(conn, held_case, Hold("H1", HoldKind.HARDSHIP, clock.now()))
    clock.go_on(minutes=5)
    published = publish_plan(branch, plan_id(branch))
    assert published.changed >= 1
    second = live(branch)["P1"]
    assert (second.itinerary_id, second.version) == (first.itinerary_id, 2)
    assert f"case:{held_case}" not in on_device(branch, "E1001")
    with reading(branch.engine) as conn:
        assert officers_of(conn, [held_case]) == {}


def test_a_hold_between_plan_and_publish_stops_the_plan(
    branch: ServerContext, clock: FixedClock
) -> None:
    """A disclosure of a minute ago reaches the road in no plan; nothing is stored."""
    stale = plan_id(branch)
    with writing(branch.engine) as conn:
        add_hold(conn, "C-03", Hold("H1", HoldKind.HARDSHIP, clock.now()))
    with pytest.raises(ConflictError) as caught:
        publish_plan(branch, stale)
    assert caught.value.code == "409.32"
    assert "C-03" in str(caught.value)
    with reading(branch.engine) as conn:
        assert conn.execute(select(func.count()).select_from(itineraries)).scalar() == 0
        assert conn.execute(select(func.count()).select_from(agent_feed)).scalar() == 0


def test_an_older_plan_does_not_replace_a_newer_one(
    branch: ServerContext, clock: FixedClock
) -> None:
    """Whoever publishes yesterday's draft by mistake is told."""
    older = plan_id(branch)
    clock.go_on(minutes=1)
    publish_plan(branch, plan_id(branch))
    with pytest.raises(ConflictError) as caught:
        publish_plan(branch, older)
    assert caught.value.code == "409.31"


def test_an_unknown_plan_and_a_past_day_are_refused(
    branch: ServerContext, clock: FixedClock
) -> None:
    """Each with its own number."""
    with pytest.raises(NotFoundError) as unknown:
        publish_plan(branch, "no-such-plan")
    assert unknown.value.code == "404.32"
    stale = plan_id(branch)
    clock.go_on(days=3)
    with pytest.raises(FieldsyncError) as past:
        publish_plan(branch, stale)
    assert past.value.code == "422.34"


def test_tomorrow_published_today_leaves_today_alone(branch: ServerContext) -> None:
    """Whoever is out keeps today's cases while tomorrow's arrive."""
    publish_plan(branch, plan_id(branch, date(2026, 11, 24)))
    today = keys(branch, "E1001", "case")
    publish_plan(branch, plan_id(branch))
    assert today <= keys(branch, "E1001", "case")
    assert len(keys(branch, "E1001", "itinerary")) == 2


def test_a_past_day_leaves_the_device(branch: ServerContext, clock: FixedClock) -> None:
    """Two days on, only the new day's itinerary and cases are there."""
    publish_plan(branch, plan_id(branch))
    clock.set(datetime(2026, 11, 26, 8, 0, tzinfo=clock.now().tzinfo))
    publish_plan(branch, plan_id(branch, date(2026, 11, 26)))
    itinerary = live(branch, date(2026, 11, 26))["P1"]
    assert keys(branch, "E1001", "itinerary") == {f"itinerary:{itinerary.itinerary_id}"}
    assert keys(branch, "E1001", "case") == {f"case:{c.case_id}" for c in itinerary.candidates}


def test_a_case_that_left_the_book_of_today_is_given_up(branch: ServerContext) -> None:
    """An appointment moved to another day takes the case off tomorrow's devices."""
    publish_plan(branch, plan_id(branch))
    friday = datetime(2026, 11, 27, 10, 0, tzinfo=branch.clock.now().tzinfo)
    moved = replace(nearby_case(1, agreed_at=friday), version=2)
    add_cases(branch, [moved])
    publish_plan(branch, plan_id(branch))
    for officer in ("E1001", "E1002", "E1003", "E1004"):
        assert "case:C-01" not in on_device(branch, officer)
