"""Two editions of a pack are compared field by field, and a pack that reads well is read for doubts."""

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_ruleset
from fieldsync.adapters.pack_files import shipped_names
from fieldsync.conduct.composition import together
from fieldsync.conduct.pack_lint import lint
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.conduct.strictness import Change, compare
from fieldsync.domain.verdict import Strength
from fieldsync.locale import render

PACK = """
name = "try"
version = "1"
jurisdiction = "CN"

[[rules]]
id = "TRY-1"
actions = ["visit.start"]
effect = "block"
strength = "standard"
verified = true
citation = { instrument = "Standard", dated = 2026-11-01, read_at = "its text" }
[rules.when]
history = { channels = ["visit"], rolling_days = 30, at_least = 3 }
[rules.message]
en = "{count} visits are enough."
zh-CN = "已上门 {count} 次。"
"""
SECOND = PACK[PACK.index("[[rules]]") :].replace("TRY-1", "TRY-2")


def changed(old: str, new: str) -> Ruleset:
    """The pack with one text put in another's place."""
    assert old in PACK
    return parse_ruleset(PACK.replace(old, new))


def codes(pack: Ruleset) -> list[str]:
    """The doubts about a pack."""
    return [problem.code for problem in lint(pack)]


def test_the_same_pack_has_no_differences() -> None:
    """Every shipped pack is itself."""
    for name in shipped_names():
        assert compare(builtin_ruleset(name), builtin_ruleset(name)) == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "before", "after"),
    [
        ('effect = "block"', 'effect = "hold"', "effect", "block", "hold"),
        ('"standard"', '"law"', "strength", "standard", "law"),
        ("verified = true", "verified = false", "verified", "true", "false"),
        (
            '["visit.start"]',
            '["visit.start", "call.place"]',
            "actions",
            "visit.start",
            "call.place, visit.start",
        ),
        (
            "verified = true",
            "verified = true\napplies_from = 2027-01-01",
            "applies_from",
            "",
            "2027-01-01",
        ),
        (
            "verified = true",
            "verified = true\nparameters = { days = 15 }",
            "parameters.days",
            "",
            "15",
        ),
        (
            "verified = true",
            'verified = true\neffect_on = { "visit.start" = "hold" }',
            "effect_on",
            "",
            "{ visit.start = hold }",
        ),
        (
            "at_least = 3",
            "at_least = 2",
            "when.history",
            "{ channels = [visit], rolling_days = 30, at_least = 3 }",
            "{ channels = [visit], rolling_days = 30, at_least = 2 }",
        ),
        ("2026-11-01", "2026-11-02", "citation.dated", "2026-11-01", "2026-11-02"),
        (
            "visits are enough",
            "are enough",
            "message.en",
            "{count} visits are enough.",
            "{count} are enough.",
        ),
    ],
)
def test_a_changed_field_is_told_with_both_values(
    old: str, new: str, field: str, before: str, after: str
) -> None:
    """One change is one difference, in words of both languages."""
    (found,) = compare(parse_ruleset(PACK), changed(old, new))
    assert (found.change, found.rule, found.field) == (Change.CHANGED, "TRY-1", field)
    assert (found.before, found.after) == (before, after)
    for language in ("en", "zh-CN"):
        told = render(found.told, language)
        assert (before or "-") in told
        assert after in told


def test_rules_added_and_gone_are_told() -> None:
    """A rule that is new, and the other way round one that is gone."""
    one, two = parse_ruleset(PACK), parse_ruleset(PACK + SECOND)
    (added,) = compare(one, two)
    (gone,) = compare(two, one)
    assert (str(added.told), str(gone.told)) == ("Rule TRY-2 is new.", "Rule TRY-2 is gone.")


def test_what_changes_of_the_pack_itself_is_told_first() -> None:
    """Its version, jurisdiction and countries."""
    new = changed(
        'version = "1"\njurisdiction = "CN"',
        'version = "2"\njurisdiction = "EU"\ncountries = ["FR", "DE"]',
    )
    assert [str(found.told) for found in compare(parse_ruleset(PACK), new)] == [
        "The pack's version was 1 and is 2.",
        "The pack's jurisdiction was CN and is EU.",
        "The pack's countries was - and is DE, FR.",
    ]


def test_a_good_pack_leaves_no_doubt() -> None:
    """The example has none."""
    assert codes(parse_ruleset(PACK)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('strength = "standard"\nverified = true', 'strength = "law"\nverified = false', "unverified-law"),
        ('"standard"', '"law"', "no-article"),
        ('jurisdiction = "CN"', 'jurisdiction = "*"', "law-in-house"),
        ('"standard"', '"house"', "house-in-law"),
        ('jurisdiction = "CN"', 'jurisdiction = "China"', "jurisdiction"),
        (
            'history = { channels = ["visit"], rolling_days = 30, at_least = 3 }',
            'history = { rolling_days = 30, at_least = 3 }\nlocal_time_outside = { opens = "08:00", closes = "22:00" }',
            "no-boundary",
        ),
        ('effect = "block"', 'effect = "timer"', "no-boundary"),
        ("已上门 {count} 次。", "上门次数已够。", "languages-differ"),
        ('"visit.start"', '"visit.continue"', "cannot-bite"),
        ('effect = "block"', 'effect = "end"', "cannot-bite"),
        ('actions = ["visit.start"]\neffect = "block"', 'actions = ["record.purge"]\neffect = "hold"', "cannot-bite"),
    ],
)  # fmt: skip
def test_a_doubt_is_told_with_its_rule(old: str, new: str, expected: str) -> None:
    """Each doubt has its code and a sentence in both languages."""
    found = [problem for problem in lint(changed(old, new)) if problem.code == expected]
    assert found
    assert render(found[0].told, "en") != render(found[0].told, "zh-CN")


def test_a_message_without_its_figure_is_doubted() -> None:
    """Somebody who is refused for a count is told the count."""
    text = PACK.replace("{count} visits are enough", "Enough").replace("{count} 次", "多次")
    assert codes(parse_ruleset(text)) == ["message-without-fact"]


def test_two_rules_that_ask_the_same_are_doubted() -> None:
    """The second one is named with the first."""
    (problem,) = lint(parse_ruleset(PACK + SECOND))
    assert (problem.rule, problem.code) == ("TRY-2", "duplicate")


def test_the_shipped_packs_leave_only_doubts_about_sources() -> None:
    """What was not read yet, or cites no article, is said; nothing else is in doubt."""
    doubts = {
        (problem.code, problem.rule)
        for name in shipped_names()
        for problem in lint(builtin_ruleset(name))
    }
    assert {code for code, _ in doubts} == {"unverified-law", "no-article"}
    assert {rule for code, rule in doubts if code == "unverified-law"} == {
        "US-BANKRUPT",
        "UK-NOTICE",
        "UK-LEAVE",
        "UK-DISPUTE",
    }


def test_all_shipped_packs_go_together() -> None:
    """No id stands in two of them, and house strength stands in house packs alone."""
    shipped = [builtin_ruleset(name) for name in shipped_names()]
    assert together(shipped) == tuple(shipped)
    for pack in shipped:
        assert {rule.strength is Strength.HOUSE for rule in pack.rules} == {pack.is_house}
