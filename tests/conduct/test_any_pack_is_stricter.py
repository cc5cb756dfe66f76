"""Another pack can only be stricter: held against every pack the rule language can write, not by convention."""

import dataclasses
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.conduct.composition import together
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.floor import COUNTRY
from fieldsync.conduct.local_time import day_bounds
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.vocabulary import CONDITIONS
from fieldsync.domain.calendar import Window
from fieldsync.domain.verdict import Finding
from fieldsync.errors import InputError
from tests.conduct.pack_strategies import DAYS_TRIED, PLAIN, WHENS, facts, fields, joined, packs

TICK = timedelta(microseconds=1)
ACTIONS = st.sampled_from(Action)


@st.composite
def known(draw: st.DrawFn) -> tuple[date, Facts, tuple[Ruleset, ...], Ruleset]:
    """A day, facts on it, packs that are loaded, and one more."""
    day, action = draw(DAYS_TRIED), draw(ACTIONS)
    loaded = tuple(draw(packs(name, action)) for name in ("A", "B")[: draw(st.integers(0, 2))])
    return day, draw(facts(day, action)), loaded, draw(packs("MORE", action))


def of_rules(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings without the one that says that no pack is loaded for the country."""
    return [finding for finding in findings if finding.rule != COUNTRY.rule_id]


def inside(narrow: tuple[Window, ...], wide: tuple[Window, ...]) -> bool:
    """Whether each span lies in one of the others."""
    return all(any(w.start <= n.start and n.end <= w.end for w in wide) for n in narrow)


def opens_the_country(more: Ruleset, loaded: tuple[Ruleset, ...], facts: Facts) -> bool:
    """Whether it is the pack that first makes a country's rules known."""
    covering = [pack for pack in loaded if pack.covers(facts.place) and not pack.is_house]
    return not covering and not more.is_house and more.covers(facts.place)


def test_every_word_of_the_language_can_be_generated() -> None:
    """A new condition gets a strategy, or the proof below would not speak of it."""
    assert set(CONDITIONS) == set(PLAIN) | set(joined(WHENS))


def test_every_field_of_the_facts_can_be_generated() -> None:
    """A new fact gets a strategy too."""
    assert {f.name for f in dataclasses.fields(Facts)} == set(
        fields(date(2026, 11, 24), Action.VISIT_START)
    )


@given(known())
@settings(max_examples=250, deadline=None)
def test_no_pack_takes_a_finding_away(
    case: tuple[date, Facts, tuple[Ruleset, ...], Ruleset],
) -> None:
    """Every finding without the pack is a finding with it, word for word."""
    _, what, loaded, more = case
    before = evaluate(what, loaded).findings
    after = evaluate(what, (*loaded, more)).findings
    assert [finding for finding in of_rules(before) if finding not in after] == []
    if not opens_the_country(more, loaded, what):
        assert set(map(repr, before)) <= set(map(repr, after))


@given(known())
@settings(max_examples=250, deadline=None)
def test_no_pack_opens_a_window(case: tuple[date, Facts, tuple[Ruleset, ...], Ruleset]) -> None:
    """The windows of a day only shrink, except that a country's first pack makes it known at all."""
    day, what, loaded, more = case
    if not opens_the_country(more, loaded, what):
        assert inside(windows(what, (*loaded, more), day), windows(what, loaded, day))


@given(known(), st.sampled_from(["before", "after"]))
@settings(max_examples=100, deadline=None)
def test_a_house_pack_never_opens_anything(
    case: tuple[date, Facts, tuple[Ruleset, ...], Ruleset], where: str
) -> None:
    """Whatever a bank writes, before or after the law's packs, and also where no law is loaded."""
    day, what, loaded, more = case
    house = replace(more, jurisdiction="*")
    both = (house, *loaded) if where == "before" else (*loaded, house)
    assert evaluate(what, loaded).allowed >= evaluate(what, both).allowed
    assert inside(windows(what, both, day), windows(what, loaded, day))


@given(known())
@settings(max_examples=100, deadline=None)
def test_the_order_of_packs_and_contacts_does_not_matter(
    case: tuple[date, Facts, tuple[Ruleset, ...], Ruleset],
) -> None:
    """The same packs and the same history in another order say the same."""
    day, what, loaded, more = case
    turned = replace(what, history=what.history[::-1])
    one, other = (*loaded, more), (more, *loaded[::-1])
    assert windows(what, one, day) == windows(turned, other, day)
    assert sorted(map(repr, evaluate(what, one).findings)) == sorted(
        map(repr, evaluate(turned, other).findings)
    )


@given(known())
@settings(max_examples=150, deadline=None)
def test_the_answer_flips_exactly_at_the_windows_edges(
    case: tuple[date, Facts, tuple[Ruleset, ...], Ruleset],
) -> None:
    """Allowed from the start of a window to the microsecond before its end, and refused on both sides."""
    day, what, loaded, more = case
    rules = (*loaded, more)
    low, high = day_bounds(day, what.place.zone)
    spans = windows(what, rules, day)
    for span in spans:
        assert evaluate(replace(what, at=span.start), rules).allowed
        assert evaluate(replace(what, at=span.end - TICK), rules).allowed
        if span.start > low:
            assert not evaluate(replace(what, at=span.start - TICK), rules).allowed
        if span.end < high:
            assert not evaluate(replace(what, at=span.end), rules).allowed
    instant = low
    while instant < high:
        allowed = any(span.contains(instant) for span in spans)
        assert evaluate(replace(what, at=instant), rules).allowed == allowed
        instant += timedelta(minutes=53)


@given(packs("A"), packs("B"))
@settings(max_examples=20, deadline=None)
def test_a_rule_cannot_take_the_place_of_another_packs(law: Ruleset, house: Ruleset) -> None:
    """A rule of the same id in a second pack is refused, whatever its effect."""
    assert together((law, house)) == (law, house)
    stolen = replace(house, rules=(replace(house.rules[0], rule_id=law.rules[0].rule_id),))
    with pytest.raises(InputError) as caught:
        together((law, stolen))
    assert caught.value.code == "422.56"
    assert caught.value.details == {"rule": law.rules[0].rule_id, "packs": ["A", "B"]}
