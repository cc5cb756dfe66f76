"""Who is told the order that a pair chose on the road: the other officer of that very day, and nobody else."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.officer import Officer
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.told_order import told_order
from server.context import ServerContext
from server.store import tables
from server.store.engine import writing
from server.store.feed import publish
from server.store.itineraries import save_itinerary
from server.workflow.share_itineraries import share_itineraries
from tests.agent_cli.made_up import make_itinerary
from tests.server.conftest import DeviceMaker
from tests.server.field_device import FieldDevice


@pytest.fixture
def day(staffed: ServerContext, ana: Officer, ben: Officer) -> Itinerary:
    """Ana's and Ben's day, as the office published it."""
    itinerary = replace(make_itinerary(), officers=(ana, ben), branch=ana.branch)
    with writing(staffed.engine) as conn:
        pair = {"pair_id": itinerary.pair_id, "branch": ana.branch, "body": "{}"}
        crew = {"first_officer": ana.officer_id, "second_officer": ben.officer_id}
        conn.execute(insert(tables.pairs).values(**pair, **crew))
        now = staffed.clock.now()
        plan = {"plan_id": "plan-1", "branch": ana.branch, "day": itinerary.day, "at": now}
        conn.execute(insert(tables.plans).values(**plan, facts="{}", body="{}"))
        save_itinerary(conn, itinerary, "plan-1")
    return itinerary


def chosen(device: FieldDevice, day: Itinerary, **others: Any) -> None:
    """The day the other way round, recorded and sent."""
    payload = told_order(day, replace(day, stops=day.stops[::-1]))
    device.record("itinerary.replan", None, {**payload, "reason": "rain", **others})
    device.sync()


def told(device: FieldDevice) -> list[tuple[FeedOp, Any]]:
    """The rows of the next exchange that tell an order."""
    return [(r.op, r.body) for r in device.sync().changes if r.key == "replan:I-1"]


def test_the_partner_alone_is_told(
    day: Itinerary, enrolled: DeviceMaker, ana: Officer, ben: Officer, cy: Officer
) -> None:
    """With the author's name, the reason and every time; the author's own device gets nothing back."""
    hers, his, other = enrolled(ana, "ana"), enrolled(ben, "ben"), enrolled(cy, "cy")
    chosen(hers, day)
    ((_op, body),) = told(his)
    assert body["author"] == ana.name
    assert body["reason"] == "rain"
    assert [row["case_id"] for row in body["timetable"]] == [s.case_id for s in day.stops[::-1]]
    assert told(hers) == told(other) == []


def test_what_does_not_fit_the_day_is_told_to_nobody(
    day: Itinerary, enrolled: DeviceMaker, ana: Officer, ben: Officer, cy: Officer
) -> None:
    """A stranger's order, one of a version that is not out or of no day, one without times, a broken one."""
    hers, his, other = enrolled(ana, "ana"), enrolled(ben, "ben"), enrolled(cy, "cy")
    chosen(other, day)
    chosen(hers, day, base_version=day.version + 1)
    chosen(hers, day, itinerary_id="I-9")
    old = {"itinerary_id": "I-1", "base_version": day.version, "stops": ["C-000001"]}
    hers.record("itinerary.replan", None, {**old, "reason": ""})
    chosen(hers, day, timetable=[{"case_id": "C-000001"}])
    assert told(his) == []


def test_an_order_goes_with_the_version_it_was_made_from(
    day: Itinerary, staffed: ServerContext, enrolled: DeviceMaker, ana: Officer, ben: Officer
) -> None:
    """When the office publishes the day anew, the order leaves the partner's device."""
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    chosen(hers, day)
    assert [op for op, _ in told(his)] == [FeedOp.PUT]
    anew = replace(day, version=day.version + 1)
    with writing(staffed.engine) as conn:
        publish(conn, share_itineraries(conn, [anew], [anew]), staffed.clock.now())
    assert [op for op, _ in told(his)] == [FeedOp.REMOVE]
