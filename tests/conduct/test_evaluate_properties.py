"""What must hold for all facts: order does not matter, windows agree, more rules allow less."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts, Place
from fieldsync.conduct.local_time import day_bounds
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import (
    AgreementState,
    Channel,
    Consent,
    ContactAttempt,
    Flag,
    Hold,
    HoldKind,
    Reached,
)
from fieldsync.domain.verdict import STOPPING

CN, HOUSE = builtin_rulesets()
# 8 March and 1 November 2026: New York moves its clocks; packs that cover every country judge it too.
DAYS = st.sampled_from([date(2026, 11, 24), date(2026, 3, 8), date(2026, 11, 1)])
PLACES = st.sampled_from([Place(), Place(zone="America/New_York", country="")])


def instants(day: date) -> st.SearchStrategy[datetime]:
    """Whole minutes from a month before the day to a day after it."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return st.integers(-45_000, 1_500).map(lambda minutes: noon + timedelta(minutes=minutes))


@st.composite
def spans(draw: st.DrawFn, day: date) -> Window:
    """A span of up to ten hours."""
    start = draw(instants(day))
    return Window(start, start + timedelta(minutes=draw(st.integers(1, 600))))


@st.composite
def attempts(draw: st.DrawFn, day: date) -> ContactAttempt:
    """One contact of any kind."""
    return ContactAttempt(
        draw(instants(day)),
        draw(st.sampled_from(Channel)),
        draw(st.sampled_from(Reached)),
        draw(st.sampled_from(["1", "2"])),
    )


@st.composite
def days_and_facts(draw: st.DrawFn) -> tuple[date, Facts]:
    """A day and what may be known on it; half of the cases could be visited."""
    day = draw(DAYS)
    easy = draw(st.booleans())
    consents = draw(st.lists(spans(day), max_size=2))
    holds = () if easy else draw(st.lists(spans(day), max_size=1))
    facts = Facts(
        action=draw(
            st.sampled_from([Action.VISIT_START, Action.VISIT_CONTINUE, Action.CALL_PLACE])
        ),
        at=draw(instants(day)),
        place=draw(PLACES),
        officers=("1001", "1002"),
        flags=frozenset() if easy else draw(st.frozensets(st.sampled_from(Flag), max_size=1)),
        consents=tuple(Consent("hours", span.start, span.end) for span in consents),
        history=tuple(draw(st.lists(attempts(day), max_size=12))),
        agreement=AgreementState.NONE if easy else draw(st.sampled_from(AgreementState)),
        holds=tuple(Hold("h", HoldKind.HARDSHIP, span.start, until=span.end) for span in holds),
        appointment=draw(st.none() | spans(day)),
        days_past_due=100,
        number="1",
    )
    return day, facts


@given(days_and_facts(), st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_history_does_not_matter(
    known: tuple[date, Facts], data: st.DataObject
) -> None:
    """A book sorted otherwise is the same book."""
    _, facts = known
    shuffled = replace(facts, history=tuple(data.draw(st.permutations(facts.history))))
    assert evaluate(shuffled, (CN, HOUSE)) == evaluate(facts, (CN, HOUSE))


@given(days_and_facts(), st.sampled_from([(CN,), (HOUSE,), (CN, HOUSE)]))
@settings(max_examples=40, deadline=None)
def test_windows_and_evaluate_agree_at_every_minute(
    known: tuple[date, Facts], packs: tuple[Ruleset, ...]
) -> None:
    """A minute of the local day lies in a window exactly when the evaluator allows it."""
    day, facts = known
    allowed = windows(facts, packs, day)
    instant, end = day_bounds(day, facts.place.zone)
    while instant < end:
        verdict = evaluate(replace(facts, at=instant), packs)
        assert verdict.allowed == any(window.contains(instant) for window in allowed)
        instant += timedelta(minutes=1)


@given(days_and_facts())
@settings(max_examples=60, deadline=None)
def test_another_pack_never_allows_more(known: tuple[date, Facts]) -> None:
    """What the law refuses stays refused, whatever the house adds; windows only shrink."""
    day, facts = known
    assert evaluate(facts, (CN,)).allowed >= evaluate(facts, (CN, HOUSE)).allowed
    wide, narrow = windows(facts, (CN,), day), windows(facts, (CN, HOUSE), day)
    assert all(any(w.start <= n.start and n.end <= w.end for w in wide) for n in narrow)


@given(days_and_facts())
@settings(max_examples=60, deadline=None)
def test_every_finding_can_be_read_in_both_languages(known: tuple[date, Facts]) -> None:
    """Messages are filled, in both languages, and a verdict is refused only with a finding."""
    _, facts = known
    verdict = evaluate(facts, (CN, HOUSE))
    for finding in verdict.findings:
        assert set(finding.message) == {"en", "zh-CN"}
        assert not any("{" in text for text in finding.message.values())
        assert finding.citation
    assert verdict.allowed != any(f.effect in STOPPING for f in verdict.findings)
