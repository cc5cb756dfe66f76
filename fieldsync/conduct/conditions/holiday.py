"""The condition on public holidays: whether the local day is a rest day of the whole country.

The calendars are libraries and slow to import, so they are imported when a day is first asked about.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from fieldsync.conduct.conditions.condition import SameAllDay, Seen
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import local

_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class PublicHoliday(SameAllDay):
    """The local day is a national public holiday of this country, or nobody knows its calendar."""

    country: str
    gives: frozenset[str] = frozenset({"holiday", "day"})

    def look(self, facts: Facts) -> Seen | None:
        """The day and what it is called."""
        today = local(facts.at, facts.place.zone).date()
        name = holiday_name(self.country, today)
        return {"holiday": name, "day": today.isoformat()} if name else None


@cache
def holiday_name(country: str, day: date) -> str:
    """What the national public holiday is called, "" on other days, "?" where no calendar is known.

    Mainland China's rest days are set by the State Council each year: `chinesecalendar` holds them as
    announced, and `holidays` reckons those of years that are not announced yet.
    """
    if country == "CN":
        announced = _announced_in_china(day)
        if announced is not None:
            return announced
    import holidays

    try:
        return holidays.country_holidays(country, years=day.year).get(day) or ""
    except NotImplementedError:
        return _UNKNOWN


def _announced_in_china(day: date) -> str | None:
    """The name of the rest day, "" on other days, None where the year is not announced yet."""
    import chinese_calendar

    try:
        rests, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return str(name) if rests and name else ""
