"""Every vector a lawyer wrote in fixtures/rules is what the evaluator says."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldsync.adapters.builtin_rulesets import DEFAULT_PACKS, builtin_rulesets
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.floor import FLOOR
from fieldsync.domain.codec import from_builtins

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
USUAL = {"officers": ["1001", "1002"], "days_past_due": 100}


def _vectors() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        with path.open("rb") as file:
            table = tomllib.load(file)
        for vector in table["vectors"]:
            yield pytest.param(table["packs"], vector, id=f"{vector['rule']}: {vector['name']}")


VECTORS = list(_vectors())


@pytest.mark.parametrize(("packs", "vector"), VECTORS)
def test_the_rule_says_what_the_vector_says(packs: list[str], vector: dict[str, Any]) -> None:
    """Given these facts, when this is done, then the rule has this effect or none."""
    facts = from_builtins(USUAL | vector.get("given", {}) | vector["when"], Facts)
    verdict = evaluate(facts, builtin_rulesets(packs))
    found = {finding.rule: finding.effect.value for finding in verdict.findings}
    assert found.get(vector["rule"], "none") == vector["then"]
    if vector["then"] in {"block", "hold", "end"}:
        assert not verdict.allowed


def test_every_shipped_rule_is_found_and_not_found_by_some_vector() -> None:
    """No rule ships without a vector where it applies and one where it does not."""
    found = {vector.values[1]["rule"] for vector in VECTORS if vector.values[1]["then"] != "none"}
    silent = {vector.values[1]["rule"] for vector in VECTORS if vector.values[1]["then"] == "none"}
    shipped = {
        rule.rule_id for pack in (*builtin_rulesets(DEFAULT_PACKS), FLOOR) for rule in pack.rules
    }
    assert shipped == found == silent
