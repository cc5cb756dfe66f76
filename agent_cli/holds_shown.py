"""Why collection on a case is stopped, in a line for the officer; actions and commands both say it."""

from datetime import datetime

from fieldsync.locale import _, render
from fieldsync.locale.day_names import HOLD_KINDS
from fieldsync.words import words

# Not a hold of its own: a complaint that nobody has answered yet.
COMPLAINT = "complaint"
_OPEN = words("complaint open")


def hold_line(kind: str, until: datetime | None) -> str:
    """Why collection is stopped (a HoldKind's code, or COMPLAINT), and until when."""
    line = render(_OPEN if kind == COMPLAINT else HOLD_KINDS[kind])
    if until is not None:
        line += " " + _("until {day}", day=until.date().isoformat())
    return line
