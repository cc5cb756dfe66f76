"""Anchored due days: the k-th one counts from the first, so 31 Jan is followed by 28 Feb and 31 Mar."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from fieldsync.domain.agreement import HolidayShift

_MONTHS = 12
_A_DAY = timedelta(days=1)
# Longer than any run of free days: a calendar with no working day at all must not hang the program.
LONGEST_SHIFT_DAYS = 21

IsWorked = Callable[[date], bool]


def add_months(anchor: date, months: int) -> date:
    """The same day of the month that many months away, or that month's last day where it is shorter."""
    year, month = divmod(anchor.year * _MONTHS + anchor.month - 1 + months, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def due_days(first: date, count: int) -> tuple[date, ...]:
    """`count` due days, each anchored to the first and never to the clipped day before it."""
    return tuple(add_months(first, number) for number in range(count))


def shifted(day: date, shift: HolidayShift, is_worked: IsWorked) -> date:
    """The day on which the money is due where `day` is free; the names are ISDA's (2006, 4.12)."""
    if shift is HolidayShift.NONE or is_worked(day):
        return day
    later = None if shift is HolidayShift.PRECEDING else _walk(day, _A_DAY, is_worked)
    stays = later is not None and later.month == day.month
    if later is not None and (stays or shift is HolidayShift.FOLLOWING):
        return later
    if shift is HolidayShift.FOLLOWING:
        return day
    return _walk(day, -_A_DAY, is_worked) or day


def _walk(day: date, step: timedelta, is_worked: IsWorked) -> date | None:
    found = day
    for _ in range(LONGEST_SHIFT_DAYS):
        found += step
        if is_worked(found):
            return found
    return None
