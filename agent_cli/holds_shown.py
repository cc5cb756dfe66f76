"""Why collection on a case is stopped, in a line for the officer; actions and commands both say it."""

from datetime import datetime

from fieldsync.locale import _, render
from fieldsync.locale.day_names import HOLD_KINDS


def hold_line(kind: str, until: datetime | None) -> str:
    """Why collection is stopped (a HoldKind's code), and until when."""
    line = render(HOLD_KINDS[kind])
    if until is not None:
        line += " " + _("until {day}", day=until.date().isoformat())
    return line
