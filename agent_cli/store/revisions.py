"""Carries the officer's own order of a day over to a version that only struck stops off it."""

import sqlite3
from dataclasses import replace

from agent_cli.store import itineraries
from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Itinerary
from fieldsync.planner.strike import struck

_BEHIND = """
SELECT r.body AS own, r.op_id, m.body AS published FROM revisions r
JOIN mirror m ON m.key = 'itinerary:' || r.itinerary_id
WHERE m.version > r.base_version AND json_extract(m.body, '$.struck_since') <= r.base_version
  AND json_extract(m.body, '$.struck_since') > 0
"""


def carry_over(conn: sqlite3.Connection) -> None:
    """Strike the same off each revision; call it before those of older versions are dropped."""
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
        itineraries.save_revision(conn, carried, row["op_id"])
