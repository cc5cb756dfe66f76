"""The officer's day as it stands now: each stop with its case, what stopped it, and what came of it.

Reads rows as plain JSON: the officer waits for this list, and the domain's types take longer to
import than the list to print. What it shows is held against the domain's own reading by a test.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.holds_shown import COMPLAINT

_FINISHED = "finished"
_GRIEVANCE = "grievance_open"
# The published itinerary of a day, or the pair's own revision of that very version.
_DAY = """
SELECT m.version, r.body IS NOT NULL AS revised, r.author, r.at,
  json_remove(coalesce(r.body, m.body), '$.travel_s', '$.distance_m', '$.candidates') AS body
FROM mirror m LEFT JOIN revisions r
  ON r.itinerary_id = json_extract(m.body, '$.itinerary_id') AND r.base_version = m.version
WHERE m.kind = 'itinerary' AND json_extract(m.body, '$.day') = ? ORDER BY m.key LIMIT 1
"""


class StopState(StrEnum):
    """Where a stop stands."""

    PLANNED = "planned"
    ON_HOLD = "on_hold"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StopView:
    """One stop with what is shown of it; `case` is None once it has left the device.

    All but `number` and `state` are as JSON holds them: the domain's Stop, Case, Address, Hold and
    Visit.
    """

    number: int
    stop: Mapping[str, Any]
    case: Mapping[str, Any] | None
    address: Mapping[str, Any] | None
    state: StopState
    hold: Mapping[str, Any] | None
    visit: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DayView:
    """A day's itinerary (as JSON), perhaps re-planned by the pair, and its stops.

    `revised_by` names the partner who re-planned it, empty for this device's officer; `revised_at` is
    when, empty for an order of an older program.
    """

    itinerary: Mapping[str, Any]
    revised: bool
    stops: tuple[StopView, ...]
    revised_by: str = ""
    revised_at: str = ""

    @property
    def next_stop(self) -> StopView | None:
        """Where to go now: the running visit, or else the first stop still to be made."""
        wanted = (StopState.RUNNING, StopState.PLANNED)
        return next((s for state in wanted for s in self.stops if s.state is state), None)


def view_day(ctx: DeviceContext, day: date) -> DayView | None:
    """The day, or None where nothing is planned."""
    row = ctx.conn.execute(_DAY, (day.isoformat(),)).fetchone()
    if row is None:
        return None
    itinerary = json.loads(row["body"])
    made = _visits(ctx.conn, day)
    now = ctx.clock.now()
    stops = []
    for number, stop in enumerate(itinerary["stops"], start=1):
        # The last stop of a case shows its last visit, whatever came before it.
        tries = made.get(stop["case_id"], [])
        is_last = all(later["case_id"] != stop["case_id"] for later in itinerary["stops"][number:])
        visit = (tries.pop(0) if len(tries) == 1 or not is_last else tries.pop()) if tries else None
        stops.append(_view(ctx.conn, number, stop, visit, now))
    return DayView(
        itinerary, bool(row["revised"]), tuple(stops), row["author"] or "", row["at"] or ""
    )


def planned_days(ctx: DeviceContext) -> tuple[str, ...]:
    """The days there is an itinerary for, as YYYY-MM-DD."""
    rows = ctx.conn.execute(
        "SELECT DISTINCT json_extract(body, '$.day') AS day FROM mirror"
        " WHERE kind = 'itinerary' ORDER BY day"
    )
    return tuple(row["day"] for row in rows)


def _visits(conn: sqlite3.Connection, day: date) -> dict[str, list[Mapping[str, Any]]]:
    """By case, the first visit first."""
    rows = conn.execute(
        "SELECT case_id, body, started_at FROM visits ORDER BY started_at, visit_id"
    )
    made: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if datetime.fromisoformat(row["started_at"]).date() == day:
            made.setdefault(row["case_id"], []).append(json.loads(row["body"]))
    return made


def _view(
    conn: sqlite3.Connection,
    number: int,
    stop: Mapping[str, Any],
    visit: Mapping[str, Any] | None,
    now: datetime,
) -> StopView:
    row = conn.execute(
        "SELECT body FROM mirror WHERE key = ?", (f"case:{stop['case_id']}",)
    ).fetchone()
    case = None if row is None else json.loads(row["body"])
    addresses = case["addresses"] if case else ()
    address = next((a for a in addresses if a["address_id"] == stop["address_id"]), None)
    hold = _open_hold(conn, stop["case_id"], case, now)
    state = StopState.ON_HOLD if hold else StopState.PLANNED
    if visit is not None:
        state = StopState.DONE if visit["state"] == _FINISHED else StopState.RUNNING
    return StopView(number, stop, case, address, state, hold, visit)


def _open_hold(
    conn: sqlite3.Connection, case_id: str, case: Mapping[str, Any] | None, now: datetime
) -> Mapping[str, Any] | None:
    """The first hold in force: the server's, or else this device's own."""
    own = conn.execute(
        "SELECT body FROM local_holds WHERE case_id = ? ORDER BY hold_id", (case_id,)
    )
    holds = [*(case["holds"] if case else ()), *(json.loads(row["body"]) for row in own)]
    in_force = next(
        (h for h in holds if not h["until"] or datetime.fromisoformat(h["until"]) > now), None
    )
    return in_force or _complaint(conn, case_id, case)


def _complaint(
    conn: sqlite3.Connection, case_id: str, case: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """An open complaint keeps the case off the road like a hold (HOUSE-GRIEVANCE)."""
    own = conn.execute("SELECT 1 FROM complaints WHERE case_id = ? LIMIT 1", (case_id,)).fetchone()
    if own is None and _GRIEVANCE not in (case["flags"] if case else ()):
        return None
    return {"kind": COMPLAINT, "until": None}
