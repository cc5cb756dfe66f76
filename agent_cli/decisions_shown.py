"""What the hardship team answered, in a line for the officer; nothing in it tells what happened."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fieldsync.locale import _, render
from fieldsync.locale.hardship_names import RELIEFS, SIGNPOSTS
from fieldsync.terminal.output import listed

_NEWS = timedelta(days=7)


def recent(decisions: Iterable[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """Those of the last week."""
    return [one for one in decisions if now - datetime.fromisoformat(one["decided_at"]) < _NEWS]


def decision_line(decision: Mapping[str, Any]) -> str:
    """Relief, help to be found, and how long collection rests; codes of a newer server as they are."""
    line = _(
        "{case_id}: the hardship team answered: {reliefs}.",
        case_id=decision["case_id"],
        reliefs=listed(_named(RELIEFS, decision["reliefs"])),
    )
    if decision["signposts"]:
        posts = listed(_named(SIGNPOSTS, decision["signposts"]))
        line += " " + _("Help to be found: {posts}.", posts=posts)
    until = decision["hold_until"]
    if until is None:
        return line + " " + _("Collection stays stopped until a person lifts the hold.")
    return line + " " + _("Collection rests until {day}.", day=until)


def _named(names: Mapping[str, Any], codes: Iterable[str]) -> list[str]:
    return [render(names[code]) if code in names else code for code in codes]
