"""What rules count and look at: subjects, shared caps, public holidays, the age of records, the floor."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.adapters.pack_files import shipped_names
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.conditions.holiday import holiday_name
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import CONTACTING, Action, Facts, Place, Situation
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Channel, Consent, ContactAttempt, Flag, Reached, VisitNotice
from tests.conduct.conduct_cases import CHEN, DAY, HOME, at

LAW = builtin_rulesets(["us", "us-ma", "uk", "in", "hk", "eu", "au"])
BOSTON = Place("America/New_York", country="US", subdivision="MA")
NOW = datetime.fromisoformat("2026-11-24T12:00:00-05:00")
CALL = Facts(action=Action.CALL_PLACE, at=NOW, place=BOSTON, number="138")


def found(facts: Facts) -> set[str]:
    """The rules that speak."""
    return {finding.rule for finding in evaluate(facts, (*LAW, *builtin_rulesets())).findings}


def calls(
    count: int, *, person: str = "", household: str = "", debt: str = ""
) -> tuple[ContactAttempt, ...]:
    """So many calls that nobody answered, the last of them a day ago."""
    first = ContactAttempt(
        NOW - timedelta(days=1),
        Channel.CALL,
        Reached.NONE,
        person=person,
        household=household,
        debt=debt,
    )
    return tuple(replace(first, at=first.at - timedelta(minutes=n)) for n in range(count))


@pytest.mark.parametrize(
    ("about", "counted"),
    [
        ({}, True),
        ({"person": "wife"}, False),
        ({"debt": "card"}, False),
        ({"household": "next door"}, True),
    ],
)
def test_calls_are_counted_per_person_and_debt(about: dict[str, str], *, counted: bool) -> None:
    """The eighth call is blocked, where the seven were about this person and debt."""
    assert ("US-7IN7" in found(replace(CALL, history=calls(7, **about)))) is counted


def test_calls_about_another_debt_count_for_a_call_about_it() -> None:
    """A contact that names the debt counts where the call names the same."""
    history = calls(7, debt="card")
    assert "US-7IN7" in found(replace(CALL, history=history, debt="card"))
    assert "US-7IN7" in found(replace(CALL, history=calls(7), debt="card"))


def test_a_visit_about_another_debt_leaves_this_one_free() -> None:
    """Massachusetts counts home visits per debt."""
    visit = ContactAttempt(NOW - timedelta(days=1), Channel.VISIT, Reached.DEBTOR)
    start = replace(CALL, action=Action.VISIT_START, history=(visit,))
    assert "US-MA-VISIT" in found(start)
    assert "US-MA-VISIT" not in found(replace(start, history=(replace(visit, debt="card"),)))


@pytest.mark.parametrize(
    ("then", "now", "counted"),
    [("138", "138", True), ("139", "138", False), ("", "138", True), ("139", "", True)],
)
def test_a_number_that_nobody_wrote_down_may_be_this_one(
    then: str, now: str, *, counted: bool
) -> None:
    """Six dials to one number are the limit; what is not known counts."""
    dials = tuple(
        ContactAttempt(at(f"2026-11-24 09:0{n}"), Channel.CALL, Reached.NONE, then)
        for n in range(6)
    )
    facts = Facts(action=Action.CALL_PLACE, at=at("2026-11-24 10:00"), number=now, history=dials)
    assert ("CN-ATTEMPTS-6" in found(facts)) is counted


@pytest.mark.parametrize(
    ("allowance", "blocked"),
    [(None, False), ({"CN-EFFECTIVE-3": 1}, False), ({"CN-EFFECTIVE-3": 0}, True), ({}, True)],
)
def test_a_cap_that_agencies_share_is_spent_unless_it_was_granted(
    allowance: dict[str, int] | None, *, blocked: bool
) -> None:
    """None says that the whole history is known; a cap that was not granted is spent."""
    facts = facts_of(
        CHEN, HOME, at("2026-11-24 10:00"), action=Action.CALL_PLACE, allowance=allowance
    )
    assert ("CN-EFFECTIVE-3" in found(facts)) is blocked


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("AU", "2026-12-25", "Christmas Day"),
        ("AU", "2026-11-03", ""),
        ("CN", "2026-10-01", "National Day"),
        ("CN", "2026-10-10", ""),
        ("CN", "2026-11-22", ""),
        ("CN", "2030-10-01", "National Day"),
        ("ZZ", "2026-11-24", "?"),
    ],
)
def test_public_holidays_are_those_of_the_country(country: str, day: str, name: str) -> None:
    """As announced where they are, reckoned in later years; a Sunday and a day worked instead are none."""
    assert holiday_name(country, date.fromisoformat(day)) == name


def test_nobody_is_visited_on_christmas_day_in_sydney() -> None:
    """The holiday is the borrower's: it is still the 24th in London when it begins."""
    sydney = Place("Australia/Sydney", country="AU")
    facts = Facts(action=Action.VISIT_START, at=NOW, place=sydney)
    assert windows(facts, LAW, date(2026, 12, 25)) == ()
    (open_span,) = windows(facts, LAW, date(2026, 12, 24))
    assert open_span.end == datetime.fromisoformat("2026-12-24T21:00:00.000001+11:00")


@pytest.mark.parametrize(
    ("last", "day", "kept"),
    [("2023-11-25", "2026-11-24", True), ("2023-11-24", "2026-11-24", False)],
)
def test_an_american_record_is_kept_three_years_from_the_last_activity(
    last: str, day: str, *, kept: bool
) -> None:
    """A record of years ago stays while the debt was worked on since."""
    noon = "T12:00:00-05:00"
    activity = ContactAttempt(datetime.fromisoformat(last + noon), Channel.CALL, Reached.NONE)
    facts = Facts(
        action=Action.RECORD_PURGE,
        at=datetime.fromisoformat(day + noon),
        place=BOSTON,
        history=(activity,),
        record_at=datetime.fromisoformat("2020-01-01" + noon),
    )
    assert ("US-RETAIN-3Y" in found(facts)) is kept


def test_a_record_without_its_own_time_is_as_old_as_the_last_contact() -> None:
    """And one of which nothing is known is kept."""
    purge = facts_of(CHEN, HOME, at("2028-11-10 12:00"), action=Action.RECORD_PURGE)
    assert "CN-RETAIN-2Y" in found(purge)
    assert "CN-RETAIN-2Y" not in found(replace(purge, at=at("2028-11-11 12:00")))
    assert "CN-RETAIN-2Y" in found(replace(purge, at=at("2040-01-01 12:00"), history=()))


def test_a_rule_bites_from_the_local_day_it_applies_from() -> None:
    """Directive (EU) 2023/2225 applies from 20 November 2026."""
    paris = Place("Europe/Paris", country="FR")
    eve = datetime.fromisoformat("2026-11-19T23:59:59+01:00")
    facts = Facts(action=Action.VISIT_START, at=eve, place=paris)
    assert "EU-FORBEARANCE" not in found(facts)
    assert "EU-FORBEARANCE" in found(replace(facts, at=eve + timedelta(seconds=1)))
    assert windows(facts, LAW, date(2026, 11, 19)) != ()
    assert windows(facts, LAW, date(2026, 11, 20)) == ()


@pytest.mark.parametrize("action", sorted(CONTACTING))
def test_an_implausible_clock_closes_every_contact_whatever_the_packs(action: Action) -> None:
    """No list of packs leaves it open: not even none, nor those of a country alone."""
    facts = Facts(action=action, at=at("2026-11-24 10:00"), clock_plausible=False)
    for packs in ((), builtin_rulesets(["cn"]), builtin_rulesets(shipped_names())):
        assert "HOUSE-CLOCK" in {finding.rule for finding in evaluate(facts, packs).refusals}
        assert windows(facts, packs, DAY) == ()


@pytest.mark.parametrize(
    ("names", "country", "closed"),
    [
        ([], "CN", True),
        (["house"], "CN", True),
        (["cn", "house"], "CN", False),
        (["cn", "house"], "FR", True),
        (["cn", "eu", "house"], "FR", False),
        (["cn", "house"], "", False),
    ],
)
def test_nobody_is_sent_where_no_pack_is_loaded(
    names: list[str], country: str, *, closed: bool
) -> None:
    """A house pack knows no country's hours, so it never stands for a country's pack."""
    facts = Facts(
        action=Action.VISIT_START, at=at("2026-11-24 10:00"), place=Place(country=country)
    )
    rules = {finding.rule for finding in evaluate(facts, builtin_rulesets(names)).refusals}
    assert ("HOUSE-COUNTRY" in rules) is closed


def test_the_notice_of_the_day_is_the_latest_one_that_names_it() -> None:
    """One for another day, or given after the visit, is no notice of it."""
    noon = at("2026-11-24 12:00")
    hour = timedelta(hours=1)

    def notice(given_days: int, named_days: int) -> VisitNotice:
        start = noon + timedelta(days=named_days)
        return VisitNotice("n", noon - timedelta(days=given_days), Window(start, start + hour))

    case = replace(CHEN, notices=(notice(3, 0), notice(2, 0), notice(1, 1), notice(-1, 0)))
    given = facts_of(case, HOME, noon).notice
    assert given is not None
    assert given.given_at == noon - timedelta(days=2)
    assert facts_of(replace(case, notices=(notice(2, 1),)), HOME, noon).notice is None


def test_a_visit_under_way_ends_when_somebody_asks_to_leave() -> None:
    """In Britain by law, and everywhere by the house."""
    facts = Facts(
        action=Action.VISIT_CONTINUE,
        at=NOW,
        place=Place("Europe/London", country="GB"),
        situations=frozenset({Situation.ASKED_TO_LEAVE}),
        identity_shown=True,
    )
    assert {"UK-LEAVE", "HOUSE-LEAVE"} <= found(facts)
    assert not found(replace(facts, situations=frozenset()))


def test_sensitive_facts_take_consent_of_their_own() -> None:
    """A consent to visits at other hours says nothing about a diagnosis."""
    noon = at("2026-11-24 12:00")
    facts = Facts(action=Action.SENSITIVE_RECORD, at=noon, consents=(Consent("hours", noon),))
    assert found(facts) == {"CN-SENSITIVE"}
    assert found(replace(facts, consents=(Consent("sensitive_data", noon),))) == set()


def test_the_figures_of_a_duty_are_told_and_kept() -> None:
    """A complaint's days come from the pack, into the sentence and the facts of the finding."""
    facts = Facts(action=Action.VISIT_START, at=at("2026-11-24 10:00"), officers=("1", "2"))
    cn = builtin_rulesets(["cn"])
    grieved = replace(facts, flags=frozenset({Flag.GRIEVANCE_OPEN}))
    (finding,) = evaluate(grieved, cn).findings
    assert finding.facts["days_complex"] == 30
    assert "within 15 days" in finding.message["en"]
    assert "15 日内" in finding.message["zh-CN"]
