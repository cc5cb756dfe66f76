"""How a visit under way stands against its limit and its expected end: what is to be said, and when."""

from datetime import datetime, timedelta
from enum import IntEnum

WARNED_BEFORE = (timedelta(minutes=15), timedelta(minutes=5))


class Limit(IntEnum):
    """How near the limit of the law is; a higher one is more pressing."""

    FAR = 0
    NEAR = 1
    CLOSE = 2
    REACHED = 3


def limit_at(now: datetime, leave_by: datetime | None) -> Limit:
    """NEAR from 15 minutes before the limit, CLOSE from 5, REACHED at the limit itself."""
    if leave_by is None:
        return Limit.FAR
    left = leave_by - now
    if left <= timedelta():
        return Limit.REACHED
    return Limit(sum(left <= before for before in WARNED_BEFORE))


def minutes_left(now: datetime, until: datetime) -> int:
    """Whole minutes, the last one begun counted; 0 once it is over."""
    return max(0, -int((now - until).total_seconds() // 60))


def is_overdue(now: datetime, expected_end: datetime | None) -> bool:
    """Whether somebody should ask after the officers."""
    return expected_end is not None and now > expected_end
