"""Visits under way as plain JSON: this device's own, and colleagues' as the server told of them.

Every command asks for the first: nothing is imported for it that a day's list can do without.
"""

import json
from collections.abc import Mapping
from typing import Any

from agent_cli.cipher import sqlite3


def own(conn: sqlite3.Connection) -> Mapping[str, Any] | None:
    """This device's visit under way (a domain Visit), or None."""
    row = conn.execute(
        "SELECT body FROM visits WHERE state = 'started' ORDER BY started_at DESC LIMIT 1"
    ).fetchone()
    return None if row is None else json.loads(row["body"])


def of_colleagues(conn: sqlite3.Connection) -> tuple[Mapping[str, Any], ...]:
    """Each with `visit_id`, `case_id`, `officers`, `started_at` and `expected_end`, by key."""
    own_ids = {row["visit_id"] for row in conn.execute("SELECT visit_id FROM visits")}
    rows = conn.execute("SELECT body FROM mirror WHERE kind = 'visit' ORDER BY key")
    told = (json.loads(row["body"]) for row in rows)
    return tuple(visit for visit in told if visit["visit_id"] not in own_ids)
