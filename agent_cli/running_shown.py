"""The warning that every command gives while a visit runs: its limit is near, or its expected end is over."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent_cli.cipher import sqlite3
from agent_cli.store import under_way
from fieldsync.locale import _
from fieldsync.terminal.output import note, style

if TYPE_CHECKING:
    from fieldsync.ports import Clock


def warn_of_running(conn: sqlite3.Connection, clock: "Clock") -> None:
    """Say on stderr what presses; nothing while no visit runs, or while there is time."""
    visit = under_way.own(conn)
    if visit is not None:
        line = warning(visit, clock.now())
        if line is not None:
            note(style(line, bold=True))


def warning(visit: Mapping[str, Any], now: datetime) -> str | None:
    """What presses about a visit (a domain Visit as JSON); None while there is time."""
    from fieldsync.domain.visit_limits import Limit, is_overdue, limit_at, minutes_left

    case_id, leave_by = visit["case_id"], _instant(visit.get("leave_by"))
    if visit.get("stopped_at"):
        return _("The visit to {case_id} is broken off: leave, then finish it.", case_id=case_id)
    limit = limit_at(now, leave_by)
    if limit is Limit.REACHED:
        return _("The visit to {case_id} must end now. Take your leave.", case_id=case_id)
    if limit is not Limit.FAR and leave_by is not None:
        left = minutes_left(now, leave_by)
        return _(
            "The visit to {case_id} must be over in {minutes} minutes, by {time}.",
            case_id=case_id,
            minutes=left,
            time=leave_by.strftime("%H:%M"),
        )
    expected = _instant(visit.get("expected_end"))
    if expected is not None and is_overdue(now, expected):
        return _(
            "The visit to {case_id} was expected to end at {time}: finish it, or call the office.",
            case_id=case_id,
            time=expected.strftime("%H:%M"),
        )
    return None


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
