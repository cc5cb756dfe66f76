"""Packs together: every rule of every pack applies, and none may take the place of another's."""

from collections.abc import Sequence

from fieldsync.conduct.ruleset import Ruleset
from fieldsync.errors import InputError
from fieldsync.words import words


def together(packs: Sequence[Ruleset]) -> tuple[Ruleset, ...]:
    """The packs, once it is clear that no rule stands in two of them.

    Rules are never looked up by id, so a second one could not weaken the first; a reader would still
    take one for the other. InputError 422.56 names the rule and both packs.
    """
    owners: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            owner = owners.setdefault(rule.rule_id, pack.name)
            if owner != pack.name:
                _refuse_override(rule.rule_id, owner, pack.name)
    return tuple(packs)


def _refuse_override(rule: str, owner: str, second: str) -> None:
    raise InputError(
        "422.56",
        words(
            "Rule {rule} stands in pack {owner} and again in pack {second}.",
            rule=rule,
            owner=owner,
            second=second,
        ),
        words(
            "Give the rule of {second} its own id: a pack adds rules and changes none.",
            second=second,
        ),
        rule=rule,
        packs=[owner, second],
    )
