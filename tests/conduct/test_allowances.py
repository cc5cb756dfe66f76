"""Caps that bank and agencies share: the server says what is left, and a device without its word fails closed."""

from dataclasses import replace

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.allowances import allowances
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action, Facts
from fieldsync.domain.case import Channel, Reached
from tests.conduct.conduct_cases import CHEN, HOME, at, tried

BOSTON = replace(HOME, country="US", subdivision="MA", zone="America/New_York")
MASSACHUSETTS = builtin_rulesets(("us", "us-ma"))
CHINA = builtin_rulesets(("cn",))


def facts(*visits: str, action: Action = Action.VISIT_START) -> Facts:
    """Chen, now of Boston, met on these days of November."""
    met = tuple(tried(day, Channel.VISIT, Reached.DEBTOR) for day in visits)
    return facts_of(replace(CHEN, contacts=met), BOSTON, at("2026-11-24 23:00"), action=action)


def test_what_is_left_is_the_cap_less_what_all_did() -> None:
    """One visit in thirty days, three conversations a day: each by the whole history."""
    assert allowances(facts(), MASSACHUSETTS) == {"US-MA-VISIT": 1}
    assert allowances(facts("10"), MASSACHUSETTS) == {"US-MA-VISIT": 0}
    spoken = tuple(tried("24", Channel.CALL, Reached.DEBTOR) for _ in range(2))
    call = facts_of(
        replace(CHEN, contacts=spoken), HOME, at("2026-11-24 10:00"), action=Action.CALL_PLACE
    )
    assert allowances(call, CHINA) == {"CN-EFFECTIVE-3": 1}


def test_packs_of_other_places_grant_nothing() -> None:
    """A cap is granted where its pack covers the place and its rule the action."""
    assert allowances(facts(), CHINA) == {}
    assert allowances(facts(action=Action.VISIT_ENTER), MASSACHUSETTS) == {}


def test_a_device_lives_by_what_was_granted() -> None:
    """What the server reckoned decides: granted, spent, or not told at all, which is spent too."""
    unseen = facts()
    for granted, refused in (
        (allowances(facts(), MASSACHUSETTS), False),
        (allowances(facts("10"), MASSACHUSETTS), True),
        ({}, True),
    ):
        verdict = evaluate(replace(unseen, allowance=granted), MASSACHUSETTS)
        assert ("US-MA-VISIT" in {f.rule for f in verdict.refusals}) == refused
