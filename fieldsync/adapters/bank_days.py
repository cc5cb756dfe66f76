"""Which days banks of mainland China work: as announced where a year is, by statute beyond.

`chinesecalendar` holds what the State Council announced, make-up workdays included; `holidays`
reckons the statutory rest days of later years. Both are slow to import and imported when asked.
"""

from datetime import date, timedelta
from functools import cache

from fieldsync.domain.working_days import is_weekday

_A_DAY = timedelta(days=1)


@cache
def is_bank_day(day: date) -> bool:
    """Whether money moves that day."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        import holidays

        return is_weekday(day) and day not in holidays.country_holidays("CN", years=day.year)


@cache
def announced_until() -> date:
    """The last day whose calendar is announced; what lies beyond may still be moved."""
    import chinese_calendar

    last = max(chinese_calendar.holidays)
    return date(last.year, 12, 31)
