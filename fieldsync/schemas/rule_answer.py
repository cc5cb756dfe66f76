"""What `rules check` answers, as JSON with stable keys."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fieldsync.conduct.evaluate import windows
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import local
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.verdict import Finding, Verdict

_MIDNIGHT = "00:00"
_END_OF_DAY = "24:00"


def answer(facts: Facts, packs: Sequence[Ruleset], verdict: Verdict) -> dict[str, Any]:
    """The verdict on the action at its instant, and the windows of that local day in which it may begin.

    `verdict` is what `evaluate` says of these facts by these packs; only packs that cover the place judge.
    """
    zone = facts.place.zone
    day = local(facts.at, zone).date()
    return {
        "allowed": verdict.allowed,
        "findings": [_finding(finding) for finding in verdict.findings],
        "windows": [
            [_clock(window.start, zone, day), _clock(window.end, zone, day)]
            for window in windows(facts, packs, day)
        ],
        "day": day.isoformat(),
        "zone": zone,
        "packs": dict(verdict.packs),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "effect": finding.effect.value,
        "strength": finding.strength.value,
        "citation": finding.citation,
        "message": dict(finding.message),
        "facts": dict(finding.facts),
    }


def _clock(instant: datetime, zone: str, day: date) -> str:
    """Local time to the minute, to the second where there are some; the next midnight is 24:00.

    A window that ends just after a minute that still belongs to it ends, for people, with that minute.
    """
    there = local(instant, zone)
    shown = there.strftime("%H:%M:%S" if there.second else "%H:%M")
    is_over = there.date() == day + timedelta(days=1)
    return _END_OF_DAY if is_over and shown == _MIDNIGHT else shown
