"""The vocabulary bears the rules of other countries: data alone, no new code."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts, Notice, Place
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.domain.case import Channel, ContactAttempt, Reached
from fieldsync.errors import InputError

_RULE = """
[[rules]]
id = "{rule}"
actions = ["visit.start", "call.place"]
effect = "block"
strength = "law"
verified = true
[rules.citation]
instrument = "{source}"
dated = 2020-01-01
read_at = "its published text"
[rules.when]
{when}
[rules.message]
en = "Not now."
zh-CN = "现在不行。"
"""
NEW_YORK = Place(zone="America/New_York", country="US", subdivision="MA")


def pack(rule: str, source: str, when: str) -> Ruleset:
    """A pack of one rule."""
    head = 'name = "try"\nversion = "1"\njurisdiction = "US"\n'
    return parse_ruleset(head + _RULE.format(rule=rule, source=source, when=when))


US_HOURS = pack(
    "US-HOURS",
    "15 USC 1692c(a)(1)",
    'local_time_outside = { opens = "08:00", closes = "21:00", closes_included = true }',
)
US_7IN7 = pack(
    "US-7IN7",
    "12 CFR 1006.14(b)(2)",
    'history = { channels = ["call"], calendar_days = 7, at_least = 7 }',
)
US_MA_VISIT = pack(
    "US-MA-VISIT",
    "209 CMR 18.17(6)",
    'unless = { consent = "home_visit" }\nplace = ["home"]\n'
    'history = { channels = ["visit"], reached = ["debtor", "third_party"], rolling_days = 30, '
    "at_least = 1 }",
)
UK_NOTICE = pack("UK-NOTICE", "CONC 7.9.12R", "notice_shorter_than_hours = 24")


def new_york(text: str) -> datetime:
    """An instant on New York's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))


def call_facts(at: datetime, *contacts: ContactAttempt) -> Facts:
    """A call to a consumer in Massachusetts."""
    return Facts(action=Action.CALL_PLACE, at=at, place=NEW_YORK, history=contacts)


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [("07:59:59", False), ("08:00:00", True), ("21:00:00", True), ("21:00:01", False)],
)
def test_nine_in_the_evening_belongs_to_the_day_in_america(clock: str, *, allowed: bool) -> None:
    """08:00:00 and 21:00:00 themselves are allowed."""
    facts = call_facts(new_york(f"2026-11-24T{clock}"))
    assert evaluate(facts, [US_HOURS]).allowed is allowed


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_the_hours_keep_to_the_clock_on_days_when_it_is_moved(day: str) -> None:
    """In spring and in autumn the window runs from 08:00 to 21:00 on the wall."""
    facts = call_facts(new_york("2026-01-01T12:00:00"))
    (window,) = windows(facts, [US_HOURS], date.fromisoformat(day))
    assert (window.start.strftime("%H:%M"), window.end.strftime("%H:%M")) == ("08:00", "21:00")


def test_hours_that_fall_into_the_hour_skipped_open_when_the_clock_moves() -> None:
    """02:30 does not exist on 8 March 2026 in New York: the window opens as 01:59 becomes 03:00."""
    early = pack("X", "-", 'local_time_outside = { opens = "02:30", closes = "21:00" }')
    (window,) = windows(call_facts(new_york("2026-01-01T12:00:00")), [early], date(2026, 3, 8))
    assert window.start == new_york("2026-03-08T03:00:00")


def test_hours_that_come_twice_count_twice() -> None:
    """01:30 comes twice on 1 November 2026: closed until 01:30, and again from 01:00 to 01:30."""
    early = pack("X", "-", 'local_time_outside = { opens = "01:30", closes = "21:00" }')
    found = windows(call_facts(new_york("2026-01-01T12:00:00")), [early], date(2026, 11, 1))
    assert [w.start.strftime("%H:%M %z") for w in found] == ["01:30 -0400", "01:30 -0500"]
    assert found[0].end - found[0].start == timedelta(minutes=30)


def test_the_eighth_call_in_seven_days_is_blocked() -> None:
    """Seven calls on the last seven days are the limit; on the next day the first one is forgotten."""
    calls = tuple(
        ContactAttempt(new_york(f"2026-11-{day}T10:00:00"), Channel.CALL, Reached.NONE)
        for day in range(18, 25)
    )
    assert not evaluate(call_facts(new_york("2026-11-24T11:00:00"), *calls), [US_7IN7]).allowed
    assert evaluate(call_facts(new_york("2026-11-25T11:00:00"), *calls), [US_7IN7]).allowed


def test_a_second_home_visit_in_thirty_days_is_blocked_in_massachusetts() -> None:
    """The window opens thirty days after the first visit, to the second."""
    visit = ContactAttempt(new_york("2026-10-25T10:00:00"), Channel.VISIT, Reached.DEBTOR)
    facts = call_facts(new_york("2026-11-24T09:00:00"), visit)
    (window,) = windows(facts, [US_MA_VISIT], date(2026, 11, 24))
    # From October's summer time to November's winter time the wall clock loses an hour.
    assert window.start == new_york("2026-11-24T09:00:00")


def test_a_visit_needs_notice_a_day_before_in_britain() -> None:
    """Without notice, or with one for another day or too late, nobody visits."""
    at = new_york("2026-11-24T10:00:00")
    day = timedelta(days=1)
    bare = Facts(action=Action.VISIT_START, at=at, place=NEW_YORK)
    assert not evaluate(bare, [UK_NOTICE]).allowed
    for given, named, allowed in ((day, at, True), (day / 2, at, False), (day, at + day, False)):
        facts = Facts(
            action=Action.VISIT_START, at=at, place=NEW_YORK, notice=Notice(at - given, named)
        )
        assert evaluate(facts, [UK_NOTICE]).allowed is allowed


def test_a_zone_that_does_not_exist_is_refused() -> None:
    """A misspelt zone must not fall back to another clock."""
    facts = Facts(
        action=Action.CALL_PLACE, at=new_york("2026-11-24T10:00:00"), place=Place("Mars/A")
    )
    with pytest.raises(InputError) as caught:
        evaluate(facts, [US_HOURS])
    assert caught.value.code == "422.50"


def test_an_instant_without_offset_is_refused() -> None:
    """A time of nowhere cannot be judged."""
    facts = Facts(action=Action.CALL_PLACE, at=datetime(2026, 11, 24, 10))  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="no offset"):
        evaluate(facts, [US_HOURS])
