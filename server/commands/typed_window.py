"""Reads a span of time as a person types it: a day with a begin and an end."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from fieldsync.domain.calendar import Window
from fieldsync.errors import InputError
from fieldsync.words import words

_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d) ?[-–] ?(\d\d:\d\d)")


def typed_window(text: str, zone: str) -> Window:
    """The span on the clocks of the zone; InputError 422.537 where the text is none."""
    window = _read(text, zone)
    if window is None:
        raise InputError(
            "422.537",
            words("{text} is not a span of time.", text=repr(text)),
            words("Give it as 'YYYY-MM-DD HH:MM-HH:MM', for example '2026-11-26 15:00-17:00'."),
        )
    return window


def _read(text: str, zone: str) -> Window | None:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        start, end = (
            datetime.fromisoformat(f"{found[1]}T{clock}").replace(tzinfo=ZoneInfo(zone))
            for clock in (found[2], found[3])
        )
    except ValueError:
        return None
    return Window(start, end) if start < end else None
