"""The borrower's own time: zones by name, the bounds of a local day, and where clocks are moved."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fieldsync.errors import InputError
from fieldsync.words import words

_SECOND = timedelta(seconds=1)


@cache
def zone_of(name: str) -> ZoneInfo:
    """The time zone with this IANA name; InputError 422.50 if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            "422.50",
            words("{zone} is not a time zone.", zone=repr(name)),
            words("Name the zone of the address as IANA does, such as Asia/Shanghai."),
        ) from error


def local(instant: datetime, zone: str) -> datetime:
    """The instant on the clocks of the zone; an instant without offset is a ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset")
    return instant.astimezone(zone_of(zone))


def fixed(instant: datetime, zone: str) -> datetime:
    """The instant with the zone's offset of that moment, so that records keep their meaning."""
    there = local(instant, zone)
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()), fold=0)


@cache
def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The UTC instants at which the local day begins and ends (23 to 25 hours apart)."""
    tz = zone_of(zone)
    start = datetime.combine(day, time(), tz).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tz).astimezone(UTC)
    return start, end


@cache
def clock_changes(day: date, zone: str) -> tuple[datetime, ...]:
    """The UTC instant at which the zone's clocks are moved that day, if they are."""
    low, high = day_bounds(day, zone)
    tz = zone_of(zone)
    before = low.astimezone(tz).utcoffset()
    if before == high.astimezone(tz).utcoffset():
        return ()
    while high - low > _SECOND:
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(tz).utcoffset() == before else (low, middle)
    return (high.replace(microsecond=0),)


@cache
def instants_of(day: date, clock: time, zone: str) -> tuple[datetime, ...]:
    """The UTC instants at which the zone's clocks show `clock` that day: two where it is set back."""
    naive = datetime.combine(day, clock, zone_of(zone))
    return tuple({naive.astimezone(UTC), naive.replace(fold=1).astimezone(UTC)})
