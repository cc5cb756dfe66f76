"""What changed between two editions of a pack, rule by rule and field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.words import Words, words


class Change(StrEnum):
    """What happened to a rule or a field of it."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `rule` is "" for the pack itself; a rule that is new or gone has no `field`."""

    change: Change
    rule: str
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def told(self) -> Words:
        """The difference as a sentence."""
        if self.change is Change.ADDED:
            return words("Rule {rule} is new.", rule=self.rule)
        if self.change is Change.GONE:
            return words("Rule {rule} is gone.", rule=self.rule)
        if not self.rule:
            return words(
                "The pack's {field} was {before} and is {after}.",
                field=self.field,
                before=self.before or "-",
                after=self.after or "-",
            )
        return words(
            "Rule {rule}: {field} was {before} and is {after}.",
            rule=self.rule,
            field=self.field,
            before=self.before or "-",
            after=self.after or "-",
        )


def compare(old: Ruleset, new: Ruleset) -> tuple[Difference, ...]:
    """Every difference: of the pack itself, then of its rules in the order of the ids."""
    before = {rule.rule_id: rule for rule in old.rules}
    after = {rule.rule_id: rule for rule in new.rules}
    found = list(_fields("", _of_pack(old), _of_pack(new)))
    for rule_id in sorted(before.keys() | after.keys()):
        if rule_id not in before:
            found.append(Difference(Change.ADDED, rule_id))
        elif rule_id not in after:
            found.append(Difference(Change.GONE, rule_id))
        else:
            found += _fields(rule_id, fields_of(before[rule_id]), fields_of(after[rule_id]))
    return tuple(found)


def fields_of(rule: Rule) -> Mapping[str, str]:
    """Every field of a rule as text a person can compare, by the name it has in the pack."""
    fields = {
        "actions": ", ".join(sorted(rule.actions)),
        "effect": rule.effect.value,
        "effect_on": written({action: rule.effect_on[action] for action in sorted(rule.effect_on)}),
        "strength": rule.strength.value,
        "verified": written(rule.verified),
        "applies_from": rule.applies_from.isoformat() if rule.applies_from else "",
        "citation.instrument": rule.citation.instrument,
        "citation.article": rule.citation.article,
        "citation.dated": rule.citation.dated.isoformat(),
        "citation.read_at": rule.citation.read_at,
    }
    tables = {"when": rule.written, "parameters": rule.parameters, "message": rule.message}
    for table, values in tables.items():
        fields |= {f"{table}.{name}": written(value) for name, value in values.items()}
    return fields


def written(value: Any) -> str:
    """A value of a pack as TOML writes it inline; a text or code stands without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        parts = (f"{name} = {written(part)}" for name, part in value.items())
        return "{ " + ", ".join(parts) + " }" if value else ""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(part) for part in value) + "]"
    return str(value)


def _of_pack(pack: Ruleset) -> Mapping[str, str]:
    return {
        "version": pack.version,
        "jurisdiction": pack.jurisdiction,
        "countries": ", ".join(sorted(pack.countries)),
    }


def _fields(rule: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[Difference]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            yield Difference(Change.CHANGED, rule, name, before, after)
