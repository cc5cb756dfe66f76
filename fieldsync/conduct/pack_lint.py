"""What a lawyer or an engineer should look at again in a pack that reads well: doubts, not errors."""

import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fieldsync.conduct.facts import Action
from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.domain.verdict import Effect, Strength
from fieldsync.words import LANGUAGES, Words, words

_BINDING = frozenset({Strength.LAW, Strength.PRESUMPTION})
# What a condition measured: a person who is refused is told the figure.
_MEASURED = frozenset(
    {"count", "local_time", "officers", "days_past_due", "hours", "years", "promise_until", "day"}
)
_NO_COLLECTION = frozenset({Action.RECORD_PURGE, Action.CASH_TAKE, Action.SENSITIVE_RECORD})
_JURISDICTION = re.compile(r"\*|[A-Z]{2}(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One doubt about a rule ("" for the pack itself); `code` is stable, `told` says what to do."""

    rule: str
    code: str
    told: Words


def lint(pack: Ruleset) -> tuple[Problem, ...]:
    """Every doubt about the pack, in the order of its rules."""
    found = [problem for rule in pack.rules for check in _CHECKS for problem in check(rule, pack)]
    return (*_jurisdiction(pack), *found, *_duplicates(pack))


def _jurisdiction(pack: Ruleset) -> Iterable[Problem]:
    codes = (pack.jurisdiction, *pack.countries)
    if not all(_JURISDICTION.fullmatch(code) for code in codes):
        yield Problem(
            "",
            "jurisdiction",
            words("Jurisdictions are codes such as CN or US-MA, or * for a bank's own pack."),
        )


def _unverified_law(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    _ = pack
    if rule.strength in _BINDING and not rule.verified:
        told = words("It is law that nobody has read in a published source: read it, or ask.")
        yield Problem(rule.rule_id, "unverified-law", told)


def _article(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    _ = pack
    if rule.strength in _BINDING and not rule.citation.article:
        told = words("The citation names no article: say which.")
        yield Problem(rule.rule_id, "no-article", told)


def _strength(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    if pack.is_house and rule.strength is not Strength.HOUSE:
        told = words("A bank's own pack is policy: put law into the pack of its country.")
        yield Problem(rule.rule_id, "law-in-house", told)
    if not pack.is_house and rule.strength is Strength.HOUSE:
        told = words("The bank's own policy belongs into its own pack.")
        yield Problem(rule.rule_id, "house-in-law", told)


def _boundary(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    _ = pack
    hours = _tables_named("local_time_outside", rule.written)
    if any("closes_included" not in table for table in hours):
        told = words("Say by closes_included whether the closing instant itself is allowed.")
        yield Problem(rule.rule_id, "no-boundary", told)
    if rule.effect is Effect.TIMER and not rule.parameters:
        told = words("A duty with a clock says its days as parameters.")
        yield Problem(rule.rule_id, "no-boundary", told)


def _messages(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    _ = pack
    used = {language: _places(rule.message[language]) for language in LANGUAGES}
    measured = rule.when.gives & _MEASURED
    if measured and not any(used.values()):
        told = words(
            "The message tells no figure; it could tell {facts}.", facts=", ".join(sorted(measured))
        )
        yield Problem(rule.rule_id, "message-without-fact", told)
    if len(set(used.values())) > 1:
        told = words("The languages tell different facts: tell the same in each.")
        yield Problem(rule.rule_id, "languages-differ", told)


def _bites(rule: Rule, pack: Ruleset) -> Iterable[Problem]:
    _ = pack
    for action in sorted(rule.actions):
        effect = rule.effect_for(action)
        if not _can_bite(effect, action):
            told = words(
                "The effect {effect} means nothing on {action}.",
                effect=effect.value,
                action=action.value,
            )
            yield Problem(rule.rule_id, "cannot-bite", told)


def _can_bite(effect: Effect, action: Action) -> bool:
    """A visit under way is ended, not blocked, and nothing else is; what is no collection is not held."""
    under_way = action is Action.VISIT_CONTINUE
    if effect is Effect.END:
        return under_way
    if action in _NO_COLLECTION:
        return effect in {Effect.BLOCK, Effect.FLAG}
    return not (under_way and effect is Effect.BLOCK)


def _duplicates(pack: Ruleset) -> Iterable[Problem]:
    for index, rule in enumerate(pack.rules):
        for earlier in pack.rules[:index]:
            if earlier.when == rule.when and earlier.actions & rule.actions:
                told = words(
                    "It asks the same as {other}: one of them will do.", other=earlier.rule_id
                )
                yield Problem(rule.rule_id, "duplicate", told)


def _places(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _tables_named(name: str, table: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The tables of this name anywhere in a `when`."""
    for key, value in table.items():
        inner = value if isinstance(value, list) else [value]
        for part in inner:
            if isinstance(part, Mapping):
                if key == name:
                    yield part
                else:
                    yield from _tables_named(name, part)


_CHECKS: tuple[Callable[[Rule, Ruleset], Iterable[Problem]], ...] = (
    _unverified_law,
    _article,
    _strength,
    _boundary,
    _messages,
    _bites,
)
