"""Shows what a check of a document's seals found: in words, or as JSON."""

from typing import Any

from fieldsync.agreements.seal import DocumentCheck
from fieldsync.domain.codec import to_builtins
from fieldsync.errors import EXIT_REFUSED
from fieldsync.locale import _, render
from fieldsync.locale.seal_words import FAULTS, interval, seal_line, verdict
from fieldsync.terminal.output import say, say_json


def show_check(check: DocumentCheck, *, as_json: bool) -> int:
    """Print it, the verdict first; the exit code: 0 only where anybody may rely on the document."""
    if as_json:
        say_json(_facts(check))
    else:
        say(render(verdict(check)))
        for fault in check.all_faults:
            say(f"- {render(FAULTS[fault])}")
        for seal in check.seals:
            say(render(seal_line(seal)))
        between = interval(check)
        if between is not None:
            say(render(between))
        say(_("SHA-256: {sha256}", sha256=check.sha256))
    return 0 if check.holds else EXIT_REFUSED


def _facts(check: DocumentCheck) -> dict[str, Any]:
    return {
        "holds": check.holds,
        "faults": [fault.value for fault in check.all_faults],
        "sha256": check.sha256,
        "not_before": to_builtins(check.not_before),
        "not_after": to_builtins(check.not_after),
        "seals": [to_builtins(seal) for seal in check.seals],
    }
