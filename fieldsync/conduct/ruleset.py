"""A rule pack: rules of one jurisdiction as data, read from TOML and refused whole if one is wrong."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fieldsync.conduct.conditions.condition import Condition
from fieldsync.conduct.facts import Action, Place
from fieldsync.conduct.pack_table import PackTable
from fieldsync.conduct.vocabulary import read_when
from fieldsync.domain.toml_text import read_toml
from fieldsync.domain.verdict import Effect, Strength
from fieldsync.errors import InputError
from fieldsync.words import LANGUAGES, words

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule comes from, so that a bank's lawyer can look it up and check it.

    The instrument's name may stand in Chinese and English, in this order, with " / " between.
    """

    instrument: str
    article: str
    dated: date
    read_at: str

    def __str__(self) -> str:
        """The citation on one line, in every language it has."""
        return self._line(self.instrument, self.article)

    def told(self, language: str) -> str:
        """The citation in one language."""
        chinese, _slash, english = self.instrument.partition(" / ")
        if language != "zh-CN":
            return self._line(english or chinese, self.article)
        numbers = re.fullmatch(r"arts?\. ([\d, ]+)", self.article)
        if numbers is None:
            return self._line(chinese, self.article)
        return self._line(f"{chinese}第{numbers[1].replace(', ', '、')}条", "")

    def _line(self, instrument: str, article: str) -> str:
        mark = f", {article}" if article else ""
        return f"{instrument}{mark} ({self.dated.isoformat()})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: on which actions it does what, when, and why.

    `effect_on` gives another effect on single actions (a visit under way is ended, not blocked).
    `verified` says that it was read in a published source, which `citation.read_at` names.
    `applies_from` is the first local day on which it bites; `parameters` are the figures of a duty (days
    of a deadline), which its message may use; `written` is its `when` as the pack has it, for readers.
    """

    rule_id: str
    actions: frozenset[Action]
    effect: Effect
    strength: Strength
    citation: Citation
    verified: bool
    when: Condition
    message: Mapping[str, str]
    effect_on: Mapping[Action, Effect] = field(default_factory=dict)
    applies_from: date | None = None
    parameters: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)

    def effect_for(self, action: Action) -> Effect:
        """What the rule does when it applies to this action."""
        return self.effect_on.get(action, self.effect)

    def applies_on(self, day: date) -> bool:
        """Whether the rule is in force on that local day."""
        return self.applies_from is None or self.applies_from <= day


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A pack. `jurisdiction` is a country ("CN"), a part of one ("US-MA"), or "*" for a house pack.

    A union of countries has its own code and names them all in `countries`.
    """

    name: str
    version: str
    jurisdiction: str
    rules: tuple[Rule, ...]
    countries: frozenset[str] = frozenset()

    @property
    def is_house(self) -> bool:
        """Whether it is a bank's own pack, which speaks everywhere and knows no country's law."""
        return self.jurisdiction == EVERYWHERE

    def covers(self, place: Place) -> bool:
        """Whether the pack speaks for the borrower's place; an unknown country is covered by all."""
        if self.jurisdiction == EVERYWHERE or not place.country:
            return True
        if self.countries:
            return place.country in self.countries
        country, _, part = self.jurisdiction.partition("-")
        if country != place.country:
            return False
        return not part or not place.subdivision or place.subdivision in {part, self.jurisdiction}


def parse_ruleset(toml_text: str) -> Ruleset:
    """The pack in the text.

    InputError 422.51 if it is no TOML, 422.52 to 422.55 naming the rule and field that is wrong.
    """
    try:
        data = read_toml(toml_text)
    except ValueError as error:
        raise InputError(
            "422.51",
            words("The rule pack is not TOML: {problem}", problem=str(error)),
            words("Mend the line it names."),
        ) from error
    table = PackTable(data, str(data.get("name", "-")))
    pack = Ruleset(
        table.text("name"),
        table.text("version"),
        table.text("jurisdiction"),
        tuple(_read_rule(rule) for rule in table.tables("rules")),
        frozenset(table.list_of_texts("countries")) if "countries" in table else frozenset(),
    )
    table.finish()
    _refuse_twins(table, pack)
    return pack


def _refuse_twins(table: PackTable, pack: Ruleset) -> None:
    seen: set[str] = set()
    for rule in pack.rules:
        if rule.rule_id in seen:
            table.named(rule.rule_id).refuse("422.54", "id", words("Give every rule its own id."))
        seen.add(rule.rule_id)


def _read_rule(unnamed: PackTable) -> Rule:
    table = unnamed.named(unnamed.text("id"))
    actions = table.many("actions", Action)
    if not actions:
        table.refuse("422.52", "actions", words("Say on which actions the rule applies."))
    rule = Rule(
        rule_id=table.text("id"),
        actions=actions,
        effect=table.one("effect", Effect),
        strength=table.one("strength", Strength),
        citation=_read_citation(table.table("citation")),
        verified=table.yes("verified"),
        when=read_when(table.table("when")),
        message=_read_message(table.table("message")),
        effect_on=_read_effects(table.table("effect_on"), actions) if "effect_on" in table else {},
        applies_from=table.day("applies_from") if "applies_from" in table else None,
        parameters=_read_parameters(table.table("parameters")) if "parameters" in table else {},
        written=table.table("when").written(),
    )
    table.finish()
    _check_places(table, rule)
    return rule


def _read_citation(table: PackTable) -> Citation:
    article = table.text("article") if "article" in table else ""
    citation = Citation(
        table.text("instrument"), article, table.day("dated"), table.text("read_at")
    )
    table.finish()
    return citation


def _read_message(table: PackTable) -> Mapping[str, str]:
    message = {language: table.text(language) for language in LANGUAGES}
    table.finish()
    return message


def _read_effects(table: PackTable, actions: frozenset[Action]) -> Mapping[Action, Effect]:
    """Other effects, on actions the rule is about: one on any other would never bite."""
    effects = {}
    for name in table.names():
        if name not in actions:
            known = ", ".join(sorted(actions))
            table.refuse("422.53", name, words("one of: {codes}", codes=known))
        effects[Action(name)] = table.one(name, Effect)
    return effects


def _read_parameters(table: PackTable) -> Mapping[str, int]:
    return {name: table.number(name) for name in table.names()}


def _check_places(table: PackTable, rule: Rule) -> None:
    """Every `{name}` of a message must be seen or given: no message fails at a door."""
    for language, text in rule.message.items():
        try:
            places = [place for place in string.Formatter().parse(text) if place[1] is not None]
            asked = {f"{name}{spec}{conversion or ''}" for _, name, spec, conversion in places}
        except ValueError:
            asked = {text}
        given = rule.when.gives | set(rule.parameters)
        if asked - given:
            known = ", ".join(sorted(given)) or "-"
            hint = words("The conditions of this rule give these facts: {known}.", known=known)
            table.refuse("422.55", f"message.{language}", hint)
