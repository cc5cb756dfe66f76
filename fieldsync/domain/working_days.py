"""Counts working days: Monday to Friday, but for the days that whoever asks knows to be free or worked."""

from collections.abc import Callable
from datetime import date, timedelta

_A_DAY = timedelta(days=1)
_SATURDAY = 5


def is_weekday(day: date) -> bool:
    """Whether the day lies in the week's working part."""
    return day.weekday() < _SATURDAY


def working_day_after(
    day: date, count: int, is_worked: Callable[[date], bool] = is_weekday
) -> date:
    """The `count`-th working day after this one; the day itself where `count` is 0."""
    while count > 0:
        day += _A_DAY
        count -= is_worked(day)
    return day
