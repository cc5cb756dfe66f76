"""Keeps the orders of a day in step with what came: stops struck off it, and the partner's order."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from agent_cli.cipher import sqlite3
from agent_cli.store import mirror, orders
from agent_cli.store.orders import Order
from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Itinerary
from fieldsync.planner.strike import struck
from fieldsync.sync.feed import KeyKind, feed_key
from fieldsync.sync.told_order import ordered

_BEHIND = """
SELECT o.body AS own, o.op_id, m.body AS published FROM orders o
JOIN mirror m ON m.key = 'itinerary:' || o.itinerary_id
WHERE m.version > o.base_version AND json_extract(m.body, '$.struck_since') <= o.base_version
  AND json_extract(m.body, '$.struck_since') > 0
"""


def carry_over(conn: sqlite3.Connection) -> None:
    """Strike the same off each order; call it before those of older versions are dropped."""
    for row in conn.execute(_BEHIND).fetchall():
        own, published = from_json(row["own"], Itinerary), from_json(row["published"], Itinerary)
        left = {candidate.case_id for candidate in published.candidates}
        gone = {candidate.case_id for candidate in own.candidates} - left
        carried = replace(
            struck(own, gone),
            version=published.version,
            struck=published.struck,
            struck_since=published.struck_since,
        )
        orders.change(conn, row["op_id"], carried)


def take_partners(conn: sqlite3.Connection) -> None:
    """Keep what the partner chose for a day that is still the published one, stops struck aside."""
    for text in mirror.bodies(conn, KeyKind.REPLAN):
        told = json.loads(text)
        body = mirror.body(conn, feed_key(KeyKind.ITINERARY, told["itinerary_id"]))
        if body is None or orders.knows(conn, told["op_id"]):
            continue
        published = from_json(body, Itinerary)
        first = published.struck_since or published.version
        if not first <= told["base_version"] <= published.version:
            continue
        order = Order(
            ordered(published, told), told["op_id"], told["author"], told["at"], told["reason"]
        )
        orders.keep(conn, order, enforced=_is_newer(conn, told))


def _is_newer(conn: sqlite3.Connection, told: Mapping[str, Any]) -> bool:
    """Whether it follows the order in force; where both were made apart, the later one stands."""
    standing = orders.in_force(conn, told["itinerary_id"])
    if standing is None or told.get("follows") == standing[0]:
        return True
    return standing[1] is None or datetime.fromisoformat(told["at"]) > standing[1]
