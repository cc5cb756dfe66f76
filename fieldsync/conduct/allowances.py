"""What is left of caps that the bank and its agencies share: only a server knows what others did."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fieldsync.conduct.conditions.condition import Condition
from fieldsync.conduct.conditions.history import HistoryCount
from fieldsync.conduct.conditions.joining import AllOf, AnyOf, Unless
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.ruleset import Ruleset


def allowances(facts: Facts, rulesets: Sequence[Ruleset]) -> dict[str, int]:
    """By cap: how many more times the action of these facts may happen, by the whole history in them.

    Caps of packs that do not cover the place, and of rules on other actions, are left out.
    """
    known = replace(facts, allowance=None)
    left: dict[str, int] = {}
    for cap in _caps(facts, rulesets):
        counted = cap.counted(known)
        rest = max(0, (cap.at_least or 0) - counted)
        left[cap.allowance] = min(left.get(cap.allowance, rest), rest)
    return left


def _caps(facts: Facts, rulesets: Iterable[Ruleset]) -> Iterator[HistoryCount]:
    for pack in rulesets:
        if pack.covers(facts.place):
            for rule in pack.rules:
                if facts.action in rule.actions:
                    yield from _within(rule.when)


def _within(condition: Condition) -> Iterator[HistoryCount]:
    if isinstance(condition, HistoryCount) and condition.allowance:
        yield condition
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _within(part)
    elif isinstance(condition, Unless):
        yield from _within(condition.part)
