"""Each condition of the language alone: the windows it leaves are what the evaluator allows."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts, Manner, Notice, Place, Situation
from fieldsync.conduct.local_time import day_bounds
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.conduct.vocabulary import CONDITIONS
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import AgreementState, Channel, Consent, Flag, Hold, HoldKind
from fieldsync.domain.place import AddressKind
from tests.conduct.conduct_cases import DAY, TRIED, at, tried

CHANGING = {
    "local_time_outside": '{ opens = "09:30", closes = "17:00", closes_included = true }',
    "consent": '"hours"',
    "in_agreed_window": "true",
    "notice_shorter_than_hours": "24",
    "history": '{ channels = ["call"], rolling_days = 15, fewer_than = 3 }',
    "holds": '["office"]',
    "unless": '{ consent = "hours" }',
    "any": '[{ consent = "hours" }, { in_agreed_window = true }]',
    "all": '[{ consent = "hours" }, { in_agreed_window = true }]',
}
STEADY = {
    "always": "true",
    "appointment": '"today"',
    "public_holiday": '"IN"',
    "record_younger_than_years": "2",
    "last_activity_within_years": "3",
    "clock_implausible": "true",
    "flags": '["dispute"]',
    "agreement": '["broken"]',
    "officers_fewer_than": "2",
    "identity_not_shown": "true",
    "place": '["work"]',
    "country_outside": '["CN"]',
    "address_invalid": "true",
    "number_invalid": "true",
    "debt_told_in_words": "true",
    "manners": '["extra_fee"]',
    "situations": '["distress"]',
    "days_past_due_below": "60",
    "promise_open": "true",
}
# Every condition holds for these facts, at some time of the day or all of it. The floor does not speak
# of a visit under way, so that each condition is tried alone.
FACTS = Facts(
    action=Action.VISIT_CONTINUE,
    at=at("2026-11-24 12:00"),
    place=Place(kind=AddressKind.WORK, country="HK", known_invalid=True),
    officers=("1001",),
    flags=frozenset({Flag.DISPUTE}),
    consents=(Consent("hours", at("2026-11-24 09:00"), at("2026-11-24 13:00")),),
    history=(*TRIED, replace(tried("12", Channel.CALL), promise_until=date(2026, 12, 1))),
    agreement=AgreementState.BROKEN,
    notice=Notice(at("2026-11-23 15:00"), at("2026-11-24 16:00")),
    holds=(Hold("h1", HoldKind.OFFICE, at("2026-11-20 09:00"), until=at("2026-11-24 11:00")),),
    appointment=Window(at("2026-11-24 12:00"), at("2026-11-24 14:00")),
    days_past_due=20,
    number_invalid=True,
    debt_facts=("overdue",),
    manners=frozenset({Manner.EXTRA_FEE}),
    situations=frozenset({Situation.DISTRESS}),
    record_at=at("2026-01-01 09:00"),
    clock_plausible=False,
)


def pack(condition: str, value: str) -> Ruleset:
    """A pack of one rule with one condition."""
    return parse_ruleset(
        f"""
        name = "try"
        version = "1"
        jurisdiction = "*"
        [[rules]]
        id = "TRY-1"
        actions = ["visit.continue"]
        effect = "block"
        strength = "house"
        verified = true
        citation = {{ instrument = "-", dated = 2026-11-01, read_at = "-" }}
        when = {{ {condition} = {value} }}
        message = {{ en = "No.", zh-CN = "不行。" }}
        """
    )


def minutes() -> list[datetime]:
    """Every minute of the day, by the borrower's clock."""
    start, end = day_bounds(DAY, FACTS.place.zone)
    return [start + timedelta(minutes=n) for n in range(int((end - start) / timedelta(minutes=1)))]


def test_every_condition_of_the_language_is_tried_here() -> None:
    """A new condition gets its line in this test."""
    assert set(CONDITIONS) == set(CHANGING) | set(STEADY)


@pytest.mark.parametrize("condition", [*CHANGING, *STEADY])
def test_the_windows_are_what_is_allowed(condition: str) -> None:
    """At every minute of the day, for every condition."""
    rules = [pack(condition, (CHANGING | STEADY)[condition])]
    allowed = windows(FACTS, rules, DAY)
    for instant in minutes():
        verdict = evaluate(replace(FACTS, at=instant), rules)
        assert verdict.allowed == any(window.contains(instant) for window in allowed)


@pytest.mark.parametrize("condition", CHANGING)
def test_what_depends_on_the_hour_is_open_and_closed_that_day(condition: str) -> None:
    """The facts are chosen so that these conditions hold for a part of the day only."""
    allowed = windows(FACTS, [pack(condition, CHANGING[condition])], DAY)
    start, end = day_bounds(DAY, FACTS.place.zone)
    assert allowed
    assert allowed != (Window(start, end),)


@pytest.mark.parametrize("condition", STEADY)
def test_what_does_not_depend_on_the_hour_closes_the_day(condition: str) -> None:
    """These hold all day for these facts."""
    assert windows(FACTS, [pack(condition, STEADY[condition])], DAY) == ()
