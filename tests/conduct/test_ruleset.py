"""A pack is read whole or refused with the name of the rule and field that is wrong."""

from datetime import date

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets, pack_text
from fieldsync.conduct.facts import Action, Place
from fieldsync.conduct.ruleset import Citation, Ruleset, parse_ruleset
from fieldsync.errors import InputError

PACK = """
name = "try"
version = "1"
jurisdiction = "CN"

[[rules]]
id = "TRY-1"
actions = ["visit.start"]
effect = "block"
strength = "house"
verified = true
[rules.citation]
instrument = "House rules"
dated = 2026-11-01
read_at = "the bank itself"
[rules.when]
officers_fewer_than = 2
[rules.message]
en = "Only {officers} of you."
zh-CN = "只有 {officers} 人。"
"""


def refusal(text: str) -> InputError:
    """The error the text is refused with."""
    with pytest.raises(InputError) as caught:
        parse_ruleset(text)
    return caught.value


def test_a_pack_is_read_whole() -> None:
    """Everything the text says is in the pack."""
    pack = parse_ruleset(PACK)
    rule = pack.rules[0]
    assert (pack.name, pack.version, pack.jurisdiction) == ("try", "1", "CN")
    assert (rule.rule_id, rule.actions) == ("TRY-1", frozenset({Action.VISIT_START}))
    assert str(rule.citation) == "House rules (2026-11-01)"


def test_the_same_text_is_the_same_pack() -> None:
    """Packs compare by value, so a device can tell that nothing changed."""
    assert parse_ruleset(PACK) == parse_ruleset(PACK)


def test_the_shipped_packs_are_readable_data() -> None:
    """Both shipped packs parse, and the house pack speaks everywhere."""
    cn, house = builtin_rulesets()
    assert (cn.jurisdiction, house.jurisdiction) == ("CN", "*")
    assert parse_ruleset(pack_text("cn")) == cn


@pytest.mark.parametrize(
    ("code", "old", "new", "field"),
    [
        ("422.52", 'effect = "block"', 'effect = "forbid"', "effect"),
        ("422.52", 'effect = "block"', "", "effect"),
        ("422.52", 'actions = ["visit.start"]', "actions = []", "actions"),
        ("422.52", 'actions = ["visit.start"]', "actions = [1]", "actions"),
        ("422.52", 'actions = ["visit.start"]', 'actions = ["visit.begin"]', "actions"),
        ("422.52", "verified = true", 'verified = "yes"', "verified"),
        ("422.52", "dated = 2026-11-01", 'dated = "last year"', "citation.dated"),
        (
            "422.52",
            "officers_fewer_than = 2",
            "officers_fewer_than = 0",
            "when.officers_fewer_than",
        ),
        (
            "422.52",
            "officers_fewer_than = 2",
            "officers_fewer_than = true",
            "when.officers_fewer_than",
        ),
        ("422.52", "officers_fewer_than = 2", "", "when.when"),
        ("422.52", "officers_fewer_than = 2", "always = false", "when.always"),
        ("422.52", "officers_fewer_than = 2", "unless = 3", "when.unless"),
        ("422.52", "officers_fewer_than = 2", "any = []", "when.any"),
        ("422.52", "officers_fewer_than = 2", "any = [1]", "when.any"),
        ("422.52", "officers_fewer_than = 2", 'appointment = "soon"', "when.appointment"),
        (
            "422.52",
            "officers_fewer_than = 2",
            'local_time_outside = { opens = "8 am", closes = "22:00" }',
            "when.local_time_outside.opens",
        ),
        (
            "422.52",
            "officers_fewer_than = 2",
            'local_time_outside = { opens = "22:00", closes = "08:00" }',
            "when.local_time_outside",
        ),
        (
            "422.52",
            "officers_fewer_than = 2",
            "history = { calendar_days = 1 }",
            "when.history",
        ),
        ("422.52", "officers_fewer_than = 2", "history = { at_least = 1 }", "when.history"),
        (
            "422.52",
            "officers_fewer_than = 2",
            'history = { count = "people", at_least = 1, calendar_days = 1 }',
            "when.history.count",
        ),
        (
            "422.52",
            "officers_fewer_than = 2",
            "history = { at_least = 1, rolling_days = 1, ending_days_ago = 1 }",
            "when.history",
        ),
        ("422.53", "officers_fewer_than = 2", "oficers_fewer_than = 2", "when.oficers_fewer_than"),
        ("422.53", "verified = true", "verified = true\nverifed = true", "verifed"),
        (
            "422.53",
            "verified = true",
            'verified = true\neffect_on = { "visit.continue" = "end" }',
            "effect_on.visit.continue",
        ),
        (
            "422.52",
            "officers_fewer_than = 2",
            'local_time_outside = { opens = "08:00Z", closes = "22:00" }',
            "when.local_time_outside.opens",
        ),
        ("422.55", "{officers} of", "{people} of", "message.en"),
        ("422.55", "{officers} of", "{officers:x} of", "message.en"),
        ("422.55", "{officers} 人", "{ 人", "message.zh-CN"),
    ],
)
def test_a_wrong_field_is_named(code: str, old: str, new: str, field: str) -> None:
    """The error names pack, rule and field, and says what would be right."""
    error = refusal(PACK.replace(old, new))
    assert (error.code, error.details["field"]) == (code, field)
    assert (error.details["pack"], error.details["rule"]) == ("try", "TRY-1")
    assert error.hint is not None


def test_a_pack_needs_its_own_name() -> None:
    """A field of the pack itself is named too, without a rule."""
    error = refusal(PACK.replace('name = "try"', ""))
    assert (error.code, error.details["field"], error.details["rule"]) == ("422.52", "name", "")


def test_two_rules_may_not_share_an_id() -> None:
    """A second rule of the same id would hide the first."""
    rule = PACK[PACK.index("[[rules]]") :]
    assert refusal(PACK + rule).code == "422.54"


def test_what_is_no_toml_is_refused() -> None:
    """A damaged file is refused with the place of the damage."""
    error = refusal("name = = 1")
    assert error.code == "422.51"
    assert "line 1" in str(error)


@pytest.mark.parametrize(
    ("jurisdiction", "country", "part", "covered"),
    [
        ("*", "FR", "", True),
        ("CN", "CN", "", True),
        ("CN", "HK", "", False),
        ("CN", "", "", True),
        ("US-MA", "US", "MA", True),
        ("US-MA", "US", "US-MA", True),
        ("US-MA", "US", "NY", False),
        ("US-MA", "US", "", True),
        ("US-MA", "CN", "", False),
    ],
)
def test_a_pack_speaks_for_the_borrowers_place(
    jurisdiction: str, country: str, part: str, *, covered: bool
) -> None:
    """By the place of the borrower; where the place is not known, every pack that may apply does."""
    pack = Ruleset("try", "1", jurisdiction, ())
    assert pack.covers(Place(country=country, subdivision=part)) is covered


@pytest.mark.parametrize(
    ("instrument", "article", "english", "chinese"),
    [
        ("甲办法 / Measures A", "art. 70", "Measures A, art. 70", "甲办法第70条"),
        ("甲办法 / Measures A", "arts. 68, 70", "Measures A, arts. 68, 70", "甲办法第68、70条"),
        ("House rules", "", "House rules", "House rules"),
        ("House rules", "part B", "House rules, part B", "House rules, part B"),
    ],
)
def test_a_citation_is_told_in_one_language(
    instrument: str, article: str, english: str, chinese: str
) -> None:
    """Of a name in two languages the reader's is told; what has one name keeps it."""
    citation = Citation(instrument, article, date(2026, 11, 1), "-")
    assert citation.told("en") == f"{english} (2026-11-01)"
    assert citation.told("zh-CN") == f"{chinese} (2026-11-01)"
