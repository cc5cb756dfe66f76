"""Anchored due days: the k-th one counts from the first, so 31 Jan is followed by 28 Feb and 31 Mar."""

import calendar
from datetime import date

_MONTHS = 12


def add_months(anchor: date, months: int) -> date:
    """The same day of the month that many months away, or that month's last day where it is shorter."""
    year, month = divmod(anchor.year * _MONTHS + anchor.month - 1 + months, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def due_days(first: date, count: int) -> tuple[date, ...]:
    """`count` due days, each anchored to the first and never to the clipped day before it."""
    return tuple(add_months(first, number) for number in range(count))
