"""Every shipped pack flips exactly at the edges of its windows: a microsecond before, not, and at, yes."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.adapters.pack_files import rulesets_named, shipped_names
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import CONTACTING, Action, Facts, Place
from fieldsync.conduct.local_time import day_bounds
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Channel, Consent, ContactAttempt, Reached

TICK = timedelta(microseconds=1)
PACKS = rulesets_named(shipped_names())
# The packs of every country, each where clocks are moved on a day tried here, or never are.
PLACES = {
    "au": Place("Australia/Sydney", country="AU"),
    "cn": Place(),
    "eu": Place("Europe/Berlin", country="DE"),
    "hk": Place("Asia/Hong_Kong", country="HK"),
    "house": Place(country=""),
    "house-notice": Place(country=""),
    "in": Place("Asia/Kolkata", country="IN"),
    "uk": Place("Europe/London", country="GB"),
    "us": Place("America/New_York", country="US"),
    "us-ma": Place("America/New_York", country="US", subdivision="MA"),
}
# An ordinary day; then those on which New York, Europe and Sydney move their clocks.
DAYS = [
    date(2026, 11, 24),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 4, 5),
    date(2026, 10, 4),
]


def _minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, date, Facts]:
    """An action on a day at a place of a pack; earlier calls age out of rolling limits in the day."""
    day = draw(st.sampled_from(DAYS))
    name = draw(st.sampled_from(sorted(PLACES)))
    place = PLACES[name]
    dawn, _ = day_bounds(day, place.zone)
    dawn = dawn.astimezone(UTC)
    calls = draw(st.lists(st.integers(-9 * 1440, 0), max_size=9))
    consents = draw(st.lists(st.integers(0, 1380), max_size=1))
    return (
        name,
        day,
        Facts(
            action=draw(st.sampled_from(sorted({*CONTACTING, Action.VISIT_CONTINUE}))),
            at=dawn,
            place=place,
            officers=("1001", "1002"),
            consents=tuple(
                Consent("hours", dawn + _minutes(m), dawn + _minutes(m + 45)) for m in consents
            ),
            history=tuple(
                ContactAttempt(dawn + _minutes(m), Channel.CALL, Reached.NONE, "138") for m in calls
            ),
            appointment=draw(
                st.none() | st.just(Window(dawn + _minutes(540), dawn + _minutes(1110)))
            ),
            days_past_due=100,
            number="138",
        ),
    )


def test_every_shipped_pack_is_tried() -> None:
    """A pack that is added is given a place here."""
    assert set(PLACES) == set(shipped_names())
    assert all(any(pack.covers(place) for place in PLACES.values()) for pack in PACKS)


@given(questions(), st.data())
@settings(max_examples=250, deadline=None)
def test_the_verdict_flips_exactly_at_an_edge_and_nowhere_else(
    known: tuple[str, date, Facts], data: st.DataObject
) -> None:
    """Each window opens at its start and shuts at its end, to the microsecond; between edges nothing moves."""
    name, day, facts = known
    packs = [
        pack for pack in PACKS if pack.name == name or data.draw(st.booleans(), label=pack.name)
    ]
    low, high = day_bounds(day, facts.place.zone)
    low, high = low.astimezone(UTC), high.astimezone(UTC)
    spans = windows(facts, packs, day)
    edges = sorted({low, high, *(e.astimezone(UTC) for w in spans for e in (w.start, w.end))})
    opened = {window.start.astimezone(UTC) for window in spans}
    for start, end in pairwise(edges):
        within = start + data.draw(st.integers(0, (end - start) // TICK - 1)) * TICK
        for instant in (start, start + TICK, within, end - TICK):
            verdict = evaluate(replace(facts, at=instant), packs)
            assert verdict.allowed == (start in opened)
