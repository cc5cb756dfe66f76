"""Tells a pair's other officer the order that one of them chose for the day on the road."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.officer import Officer
from fieldsync.schemas.payloads import payload_fault
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.devices import load_device
from server.store.feed import AgentChange, versions_of
from server.store.itineraries import load_itinerary

# A partner's device shows an order by its times; a program too old to tell them tells no order.
_NEEDED = frozenset({"timetable", "return_at", "lunch", "openings"})


def chosen_orders(conn: Connection, chosen: Sequence[Operation]) -> Iterable[AgentChange]:
    """The feed rows that tell each order to the partner; of several for one day the last one stays.

    Nothing is told of a day that is not the sender's, or that the office has published anew since.
    """
    for operation in chosen:
        payload = operation.payload
        if payload_fault(OperationKind.ITINERARY_REPLAN, payload) or not payload.keys() >= _NEEDED:
            continue
        live = load_itinerary(conn, payload["itinerary_id"])
        sender = load_device(conn, operation.device_id)
        author = (
            None if live is None or sender is None else _officer(live, sender.officer.officer_id)
        )
        if live is None or author is None or not _stands(live, payload["base_version"]):
            continue
        key = feed_key(KeyKind.REPLAN, live.itinerary_id)
        body = {
            **payload,
            "op_id": operation.op_id,
            "author": author.name,
            "at": operation.occurred_at.isoformat(),
        }
        for officer in live.officers:
            if officer != author:
                version = versions_of(conn, officer.officer_id, [key]).get(key, 0) + 1
                yield AgentChange(officer.officer_id, FeedRow(key, FeedOp.PUT, version, body))


def _officer(day: Itinerary, officer_id: str) -> Officer | None:
    return next((one for one in day.officers if one.officer_id == officer_id), None)


def _stands(live: Itinerary, base_version: int) -> bool:
    """Whether nothing but struck stops has changed since that version."""
    return (live.struck_since or live.version) <= base_version <= live.version
