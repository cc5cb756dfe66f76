"""How long a device may keep its cases without a contact: the bank's word, counted from the last exchange."""

from datetime import datetime, timedelta

# The name of the feed row that carries {"text", "sig"}: `server:lease`; the text is a number of days.
LEASE_NAME = "lease"
# The server's receipt key signs this + the text.
LEASE_TAG = b"fieldsync/lease/1\x00"
HOUSE_DAYS = 7
DAYS_MAX = 90
_WARN = timedelta(hours=24)


def lease_days(text: str) -> int | None:
    """The days of the row; None where it holds no number from 1 to DAYS_MAX."""
    return int(text) if text.isdecimal() and 1 <= int(text) <= DAYS_MAX else None


def lease_end(last_contact: datetime, days: int) -> datetime:
    """From this moment on the cases may not be here any more."""
    return last_contact + timedelta(days=days)


def ends_soon(end: datetime, now: datetime) -> bool:
    """Whether it is time to say so: a day before, until it has ended."""
    return end - _WARN <= now < end
