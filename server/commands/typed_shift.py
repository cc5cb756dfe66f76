"""Reads a shift as a person types it: from one time of day until a later one."""

import re
from datetime import time

from fieldsync.errors import InputError
from fieldsync.words import words

_SHIFT = re.compile(r"(\d{1,2})[::](\d\d) ?[-–] ?(\d{1,2})[::](\d\d)")


def typed_shift(text: str) -> tuple[time, time]:
    """Begin and end; InputError 422.584 where the text is no shift of one day."""
    found = _SHIFT.fullmatch(text.strip())
    try:
        begin, end = (
            (time(int(found[n]), int(found[n + 1])) for n in (1, 3)) if found else (None, None)
        )
    except ValueError:
        begin = end = None
    if begin is None or end is None or begin >= end:
        raise InputError(
            "422.584",
            words("{text} is not a shift.", text=repr(text)),
            words("Give it as H:MM-H:MM, for example 9:00-17:00."),
        )
    return begin, end
