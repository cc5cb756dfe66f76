"""The one evaluator: facts and packs in, findings and allowed windows out. Pure, the same everywhere.

Instants are judged in UTC: hours added to a wall clock would be wrong on days when it is moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain

from fieldsync.conduct.conditions.condition import Seen
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.floor import floor_under
from fieldsync.conduct.local_time import day_bounds, fixed, local
from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.verdict import STOPPING, Finding, Verdict
from fieldsync.words import LANGUAGES


def evaluate(facts: Facts, rulesets: Sequence[Ruleset]) -> Verdict:
    """Every rule of every pack that covers the place, and the floor, on this action at this instant.

    ValueError for an instant without offset, InputError 422.50 for an unknown zone.
    """
    clock = local(facts.at, facts.place.zone)
    there = replace(facts, at=clock.astimezone(UTC))
    packs = [pack for pack in rulesets if pack.covers(facts.place)]
    findings = (_finding(rule, there) for rule in _rules_on(facts.action, packs, clock.date()))
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
    packs = [pack for pack in rulesets if pack.covers(facts.place)]
    for rule in _rules_on(facts.action, packs, day):
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


def _rules_on(action: Action, packs: Sequence[Ruleset], day: date) -> Iterable[Rule]:
    """The rules about the action that are in force that day; none takes another's place."""
    rules = chain(*(pack.rules for pack in packs), floor_under(packs))
    return (rule for rule in rules if action in rule.actions and rule.applies_on(day))


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
    looked = rule.when.look(facts)
    if looked is None:
        return None
    seen = {**rule.parameters, **looked}
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
