"""Why collection on a case is stopped, in a line for the officer; actions and commands both say it."""

from fieldsync.domain.case import Hold
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of


def hold_line(hold: Hold) -> str:
    """Why collection is stopped, and until when."""
    line = render(name_of(hold.kind))
    if hold.until is not None:
        line += " " + _("until {day}", day=hold.until.date().isoformat())
    return line
