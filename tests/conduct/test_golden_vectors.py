"""Every vector a lawyer wrote in fixtures/rules is what the product answers, asked as `rules check` asks."""

import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldsync.adapters.pack_files import rulesets_named, shipped_names
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.floor import FLOOR
from fieldsync.schemas.rule_answer import answer
from fieldsync.schemas.rule_facts import read_question
from fieldsync.schemas.rule_question import facts_asked

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "fixtures" / "rules"
STOPS = {"block", "hold", "end"}
# One in so many goes through the program itself, as a process of its own.
SHARE = 40
TICK = timedelta(microseconds=1)


def _question(table: dict[str, Any], vector: dict[str, Any]) -> dict[str, Any]:
    """The facts of a vector: what its file knows, over it what it knows itself, and the action."""
    known, more = table["given"], vector.get("given", {})
    place = known["place"] | more.get("place", {})
    asked: dict[str, Any] = known | more | {"place": place} | vector["when"]
    return {"rulesets": table["packs"]} | asked


def _vectors() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        with path.open("rb") as file:
            table = tomllib.load(file)
        for vector in table["vectors"]:
            name = f"{vector['rule']}: {vector['name']}"
            yield pytest.param(_question(table, vector), vector, id=name)


VECTORS = list(_vectors())
TABLES: list[dict[str, Any]] = [param.values[1] for param in VECTORS]


def _as_json(question: dict[str, Any]) -> str:
    """TOML knows instants and days; JSON has them as text."""
    return json.dumps(question, default=_text, ensure_ascii=False)


def _text(value: datetime | date) -> str:
    return value.isoformat()


def _effect(told: dict[str, Any], rule: str) -> str:
    found = [finding["effect"] for finding in told["findings"] if finding["rule"] == rule]
    assert len(found) <= 1
    return found[0] if found else "none"


@pytest.mark.parametrize(("question", "vector"), VECTORS)
def test_the_rule_says_what_the_vector_says(
    question: dict[str, Any], vector: dict[str, Any]
) -> None:
    """Given these facts, when this is done, then the rule has this effect or none."""
    read, wrong = read_question(_as_json(question))
    assert wrong == ()
    assert read is not None
    packs = rulesets_named(read["rulesets"])
    asked = facts_asked(read, packs)
    told = answer(asked, packs, evaluate(asked, packs))
    assert _effect(told, vector["rule"]) == vector["then"]
    assert vector["then"] not in STOPS or not told["allowed"]


@pytest.mark.parametrize(("question", "vector"), VECTORS[::SHARE])
def test_the_program_says_what_the_vector_says(
    question: dict[str, Any], vector: dict[str, Any], tmp_path: Path
) -> None:
    """The same through `fieldsync rules check`, in a folder that was never enrolled."""
    asked = subprocess.run(
        [
            *(sys.executable, "-c", "from agent_cli.main import main; main()"),
            *("--home", str(tmp_path / "nobody"), "rules", "check", "-", "--json"),
        ],
        input=_as_json(question),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    told = json.loads(asked.stdout)
    assert _effect(told, vector["rule"]) == vector["then"]
    assert asked.returncode == (0 if told["allowed"] else 5)
    assert not (tmp_path / "nobody").exists()


def test_every_shipped_rule_has_vectors_of_every_kind() -> None:
    """No rule ships without a vector that allows, one that refuses, and two a microsecond apart."""
    instants: dict[str, set[datetime]] = defaultdict(set)
    found: set[str] = set()
    silent: set[str] = set()
    for vector in TABLES:
        rule = vector["rule"]
        (silent if vector["then"] == "none" else found).add(rule)
        instants[rule].add(vector["when"]["at"])
    bounded = {rule for rule, at in instants.items() if any(one + TICK in at for one in at)}
    packs = (*rulesets_named(shipped_names()), FLOOR)
    shipped = {rule.rule_id for pack in packs for rule in pack.rules}
    assert shipped == found == silent == bounded


def test_every_vector_cites_what_its_rule_stands_on() -> None:
    """Each says where the rule is written, and no two vectors of a rule have one name."""
    names = [(vector["rule"], vector["name"]) for vector in TABLES]
    assert len(set(names)) == len(names) >= 250
    assert all(vector["citation"] for vector in TABLES)
