"""Where a pack asks for notice, plans count on it and nothing goes out without it."""

import dataclasses
from datetime import datetime, timedelta

import pytest

from fieldsync.adapters.outbox_folder import FolderOutbox
from fieldsync.domain.case import Case
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_REFUSED, RefusedError
from fieldsync.planner.problem import Budget
from server.config import Lender
from server.context import ServerContext
from server.store.engine import reading
from server.store.itineraries import live_itineraries
from server.store.plans import StoredPlan
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from server.workflow.send_notices import send_notices
from server.workflow.write_notices import write_notices
from tests.fakes import FixedClock
from tests.server.branch_day import BRANCH, TOMORROW, add_cases, add_pairs, nearby_case, pair_of

QUICK = Budget(seed=1, iterations=50, seconds=20.0)
A_DAY = timedelta(hours=24)


def asking(server: ServerContext, *packs: str) -> ServerContext:
    """The server under these packs, with a bank that can be called."""
    config = dataclasses.replace(
        server.config, rulesets=packs, lender=Lender("星河银行", "400-800-1234")
    )
    return dataclasses.replace(server, config=config)


def living_in(case: Case, country: str) -> Case:
    """The case with its home in another country."""
    address = dataclasses.replace(case.addresses[0], country=country)
    return dataclasses.replace(case, addresses=(address,))


@pytest.fixture(params=["house-notice", "uk"])
def strict(
    request: pytest.FixtureRequest, staffed: ServerContext, ana: Officer, ben: Officer
) -> ServerContext:
    """A branch of one pair and four cases under a pack that asks for a day of notice."""
    packs = {"house-notice": ("cn", "house", "house-notice"), "uk": ("uk",)}
    country = {"house-notice": "CN", "uk": "GB"}[request.param]
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    add_cases(staffed, [living_in(nearby_case(n), country) for n in range(1, 5)])
    return asking(staffed, *packs[request.param])


def planned(server: ServerContext) -> StoredPlan:
    """Tomorrow's plan."""
    return plan_visits(server, BRANCH, TOMORROW, budget=QUICK)


def out(server: ServerContext) -> Itinerary:
    """What the pair has for tomorrow."""
    with reading(server.engine) as conn:
        (one,) = live_itineraries(conn, branch=BRANCH, since=TOMORROW)
    return one


def tell(server: ServerContext) -> None:
    """Write and send tomorrow's notices."""
    write_notices(server, BRANCH, TOMORROW)
    outbox = FolderOutbox(server.config.home / "outbox")
    sent = send_notices(server, outbox, server.rulesets)
    assert all(one.error is None for one in sent)


def test_a_plan_counts_on_a_notice_that_can_still_be_given(strict: ServerContext) -> None:
    """No visit begins before the hours of notice are over; each stop says by when to tell."""
    stored = planned(strict)
    stops = [stop for one in stored.plan.itineraries for stop in one.stops]
    assert stops
    assert all(stop.start >= strict.clock.now() + A_DAY for stop in stops)
    needed = {one.case_id: one.by for one in stored.plan.notices_needed}
    assert needed == {stop.case_id: stop.start - A_DAY for stop in stops}


def test_a_plan_is_not_published_untold(strict: ServerContext) -> None:
    """The error names the visits, and nothing is out."""
    stored = planned(strict)
    with pytest.raises(RefusedError) as error:
        publish_plan(strict, stored.plan_id)
    assert error.value.code == "422.535"
    assert error.value.exit_code == EXIT_REFUSED
    with reading(strict.engine) as conn:
        assert live_itineraries(conn, branch=BRANCH) == []


def test_untold_visits_may_be_left_out(strict: ServerContext) -> None:
    """The day goes out without them, spares included."""
    stored = planned(strict)
    published = publish_plan(strict, stored.plan_id, leave_out=True)
    assert set(published.left_out) == {one.case_id for one in stored.plan.notices_needed}
    assert (out(strict).stops, out(strict).candidates) == ((), ())


def test_told_in_time_the_plan_goes_out_whole(strict: ServerContext) -> None:
    """Every stop stays, and every notice is older than its hours."""
    stored = planned(strict)
    tell(strict)
    assert publish_plan(strict, stored.plan_id).left_out == ()
    assert len(out(strict).stops) == len(stored.plan.notices_needed)


def test_told_too_late_is_not_told(strict: ServerContext, clock: FixedClock) -> None:
    """A notice given after its hour keeps the early visits off the road."""
    stored = planned(strict)
    clock.set(max(one.by for one in stored.plan.notices_needed) + timedelta(minutes=1))
    tell(strict)
    with pytest.raises(RefusedError):
        publish_plan(strict, stored.plan_id)
    assert set(publish_plan(strict, stored.plan_id, leave_out=True).left_out) == {
        one.case_id for one in stored.plan.notices_needed
    }


def test_under_the_default_packs_nobody_waits_for_a_notice(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """Neither the law of the mainland nor the house asks for one."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    add_cases(staffed, [nearby_case(1)])
    stored = planned(staffed)
    assert stored.plan.notices_needed == ()
    assert publish_plan(staffed, stored.plan_id).left_out == ()


def test_in_hong_kong_only_agencies_must_write_first(
    staffed: ServerContext, ana: Officer, ben: Officer
) -> None:
    """The Code asks it of agencies; the bank's own officers may come without."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    add_cases(staffed, [living_in(nearby_case(1), "HK")])
    assert planned(asking(staffed, "hk")).plan.notices_needed == ()


def test_a_night_without_letters_counts(staffed: ServerContext, ana: Officer, ben: Officer) -> None:
    """At eleven at night nobody may be written to, so the hours run from the morning."""
    add_pairs(staffed, [pair_of("P1", ana, ben)])
    add_cases(staffed, [nearby_case(1)])
    server = asking(staffed, "cn", "house", "house-notice")
    clock = server.clock
    assert isinstance(clock, FixedClock)
    clock.set(datetime.fromisoformat("2026-11-24T23:00:00+08:00"))
    day = TOMORROW + timedelta(days=1)
    stored = plan_visits(server, BRANCH, day, budget=QUICK)
    (stop,) = [s for one in stored.plan.itineraries for s in one.stops]
    assert stop.start >= datetime.fromisoformat("2026-11-26T08:00:00+08:00")
