"""Reads what an officer types about a day that changed: where the pair is, and times that were agreed."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from fieldsync.domain.calendar import Window
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.words import words

_LAT_MAX, _LON_MAX = 90, 180
# Who agrees on an hour alone is expected within this time of it.
_USUAL_SPAN = timedelta(minutes=30)
_AGREED = re.compile(r"(.+)=(\d{1,2}):(\d{2})(?:-(\d{1,2}):(\d{2}))?\Z")


def read_point(text: str | None) -> Point | None:
    """A point as LAT,LON in degrees; InputError 600.17 says what is wrong."""
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("inf")
    if not _is_place(lat, lon):
        raise InputError(
            "600.17",
            words("{text} is not a place.", text=repr(text)),
            words("Latitude comes first: did you mean {place}?", place=f"{lon},{lat}")
            if _is_place(lon, lat)
            else words("Give latitude and longitude in degrees, such as 22.5431,114.0579."),
        )
    return Point(lat, lon)


def read_appointments(texts: Iterable[str], now: datetime) -> dict[str, Window]:
    """Times of today as CASE=HH:MM or CASE=HH:MM-HH:MM, by case; InputError 600.64 for another text."""
    return dict(_appointment(text, now) for text in texts)


def _appointment(text: str, now: datetime) -> tuple[str, Window]:
    match = _AGREED.match(text.strip())
    begin = _at(now, match[2], match[3]) if match else None
    end = _at(now, match[4], match[5]) if match and match[4] else begin and begin + _USUAL_SPAN
    if match is None or begin is None or end is None or end <= begin:
        raise InputError(
            "600.64",
            words("{text} is not an appointment.", text=repr(text)),
            words(
                "Give the case and a time of today, such as NS-0001=14:30 or NS-0001=14:00-15:00."
            ),
        )
    return match[1].strip(), Window(begin, end)


def _at(now: datetime, hour: str, minute: str) -> datetime | None:
    """That time of today, None where no clock shows it."""
    try:
        return now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    except ValueError:
        return None


def _is_place(lat: float, lon: float) -> bool:
    return abs(lat) <= _LAT_MAX and abs(lon) <= _LON_MAX
