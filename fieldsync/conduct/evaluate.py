"""The one evaluator: facts and packs in, findings and allowed windows out. Pure, the same everywhere.

Instants are judged in UTC: hours added to a wall clock would be wrong on days when it is moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from fieldsync.conduct.conditions.condition import Seen
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import day_bounds, fixed, local
from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.verdict import STOPPING, Finding, Verdict
from fieldsync.words import LANGUAGES


def evaluate(facts: Facts, rulesets: Sequence[Ruleset]) -> Verdict:
    """Every rule of every pack that covers the place, on this action at this instant.

    ValueError for an instant without offset, InputError 422.50 for an unknown zone.
    """
    there = replace(facts, at=local(facts.at, facts.place.zone).astimezone(UTC))
    packs = [pack for pack in rulesets if pack.covers(facts.place)]
    findings = (_finding(rule, there) for rule in _rules_on(there, packs))
    return Verdict(
        tuple(finding for finding in findings if finding is not None),
        {pack.name: pack.version for pack in packs},
    )


def windows(facts: Facts, rulesets: Sequence[Ruleset], day: date) -> tuple[Window, ...]:
    """The spans of the borrower's local day in which the action may begin; `facts.at` is not used.

    An instant of that day lies in a window exactly when `evaluate` allows it.
    """
    low, high = day_bounds(day, facts.place.zone)
    at_dawn = replace(facts, at=low)
    moving: list[Rule] = []
    instants = {low}
    for rule in _rules_on(at_dawn, [pack for pack in rulesets if pack.covers(facts.place)]):
        if rule.effect_for(facts.action) not in STOPPING:
            continue
        edges = [edge for edge in rule.when.edges(at_dawn, day) if low < edge < high]
        if edges:
            instants.update(edge.astimezone(UTC) for edge in edges)
            moving.append(rule)
        elif rule.when.look(at_dawn) is not None:
            return ()
    starts = sorted(instants)
    spans = zip(starts, (*starts[1:], high), strict=True)
    return _joined(
        (Window(start, end) for start, end in spans if _is_open(facts, moving, start)),
        facts.place.zone,
    )


def _rules_on(facts: Facts, packs: Iterable[Ruleset]) -> Iterable[Rule]:
    return (rule for pack in packs for rule in pack.rules if facts.action in rule.actions)


def _is_open(facts: Facts, rules: Iterable[Rule], instant: datetime) -> bool:
    then = replace(facts, at=instant)
    return all(rule.when.look(then) is None for rule in rules)


def _joined(spans: Iterable[Window], zone: str) -> tuple[Window, ...]:
    """Spans in order, those that touch made one, told in the zone's own offset."""
    joined: list[Window] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Window(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(Window(fixed(w.start, zone), fixed(w.end, zone)) for w in joined)


def _finding(rule: Rule, facts: Facts) -> Finding | None:
    seen = rule.when.look(facts)
    if seen is None:
        return None
    return Finding(
        rule.rule_id,
        rule.effect_for(facts.action),
        rule.strength,
        str(rule.citation),
        {language: _filled(text, seen) for language, text in rule.message.items()},
        seen,
        {language: rule.citation.told(language) for language in LANGUAGES},
    )


def _filled(text: str, seen: Seen) -> str:
    return text.format(**seen)
