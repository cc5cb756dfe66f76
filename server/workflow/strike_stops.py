"""Takes cases whose collection has stopped off every day from today on, and their notices back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.planner.strike import struck
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from server.store.feed import AgentChange
from server.store.itineraries import itineraries_naming, plan_of, save_itinerary
from server.store.notices import withdraw_for_case
from server.store.operations import cases_with_visits

_A_DAY = timedelta(days=1)


def strike_stops(conn: Connection, case_ids: Collection[str], at: datetime) -> list[AgentChange]:
    """The rows that tell both officers of each pair; call it where a hold begins, publish them last.

    A stop whose visit has begun that day stays: it is the record of what was done, and shows the hold.
    """
    stopped = sorted(case_ids)
    for case_id in stopped:
        withdraw_for_case(conn, case_id)
    changes: list[AgentChange] = []
    # A day of the furthest east has begun when it is still yesterday elsewhere.
    for live in itineraries_naming(conn, stopped, since=(at - _A_DAY).date()):
        changes += _strike(conn, live, stopped, at)
    return changes


def _strike(
    conn: Connection, live: Itinerary, case_ids: Sequence[str], at: datetime
) -> list[AgentChange]:
    zone = ZoneInfo(live.zone)
    if live.day < at.astimezone(zone).date():
        return []
    begun = cases_with_visits(conn, case_ids, datetime.combine(live.day, time(), zone))
    shorter = struck(live, set(case_ids) - begun)
    if shorter is live:
        return []
    since = live.struck_since or live.version
    told = replace(shorter, version=live.version + 1, struck_since=since)
    save_itinerary(conn, told, plan_of(conn, live.itinerary_id))
    key = feed_key(KeyKind.ITINERARY, told.itinerary_id)
    row = FeedRow(key, FeedOp.PUT, told.version, to_builtins(told))
    return [AgentChange(officer.officer_id, row) for officer in told.officers]
