"""A disclosure keeps the need; the diagnosis only with consent; and the hold begins at once."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.conduct.hardship import CARERS, IDEA, TEXAS, hold_for, minimise, review_day
from fieldsync.conduct.sensitive import parted, shown_payload
from fieldsync.domain.case import HoldKind
from fieldsync.domain.disclosure import (
    SENSITIVE,
    Disclosure,
    HardshipCode,
    Need,
    SensitiveConsent,
)
from fieldsync.locale import render
from fieldsync.words import Words
from tests.conduct.conduct_cases import at

TOLD = Disclosure(
    "d1",
    "SZ-0001",
    "v1",
    at("2026-11-24 10:12"),
    "debtor",
    (Need.TIME, Need.LOWER_PAYMENTS),
    category=HardshipCode.ILLNESS_SELF,
    words="in hospital since October",
    effect="no salary during chemotherapy",
    expected_until=date(2027, 3, 1),
    evidence_seen=("medical record",),
)


def test_without_consent_the_need_is_kept_and_the_diagnosis_is_not() -> None:
    """Nothing that tells an illness stays, whichever field it hid in."""
    kept = minimise(TOLD)
    assert (kept.needs, kept.expected_until) == (TOLD.needs, TOLD.expected_until)
    assert (kept.category, kept.words, kept.effect, kept.evidence_seen) == (None, "", "", ())


def test_with_consent_everything_told_is_kept() -> None:
    """The borrower said yes, to a text and a purpose."""
    consent = SensitiveConsent("2026-1", at("2026-11-24 10:11"), "instalment relief")
    told = replace(TOLD, consent=consent)
    assert minimise(told) == told


@pytest.mark.parametrize("category", HardshipCode)
def test_only_sensitive_categories_need_consent(category: HardshipCode) -> None:
    """Lost work is no health data and may be recorded."""
    kept = minimise(replace(TOLD, category=category))
    assert (kept.category is None) == (category in SENSITIVE)


def test_minimising_twice_changes_nothing_more() -> None:
    """The device and the server may both do it."""
    assert minimise(minimise(TOLD)) == minimise(TOLD)


def test_the_hold_begins_when_it_was_told_and_has_no_end() -> None:
    """Only a person's decision ends it; it says where it came from, not what was said."""
    hold = hold_for(TOLD, "h1")
    assert (hold.kind, hold.since, hold.until) == (HoldKind.HARDSHIP, TOLD.at, None)
    assert hold.source == "disclosure:d1"


@pytest.mark.parametrize("prompt", [*TEXAS, *IDEA, *CARERS])
def test_every_prompt_is_there_in_chinese(prompt: Words) -> None:
    """An officer reads the prompts in their own language, on one or two lines."""
    chinese = render(prompt, "zh-CN")
    assert chinese != prompt.msgid
    assert len(prompt.msgid) <= 110


@pytest.mark.parametrize(
    ("until", "day"),
    [
        (None, date(2026, 12, 24)),
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2027, 11, 1), date(2027, 2, 22)),
        (date(2026, 11, 24), date(2026, 11, 25)),
    ],
)
def test_somebody_looks_again_within_three_months(until: date | None, day: date) -> None:
    """At the end of what was expected, a month where nobody knows, never before tomorrow."""
    assert review_day(date(2026, 11, 24), until) == day


def test_what_is_private_is_parted_from_what_everybody_needs() -> None:
    """Need, days and consent stay in the clear; the diagnosis and every word of it go to the team."""
    consent = SensitiveConsent("2026-11", at("2026-11-24 10:11"), "hardship support", "zh-CN")
    clear, part = parted(replace(TOLD, consent=consent, effect_talking="whispers"))
    assert part is not None
    assert (clear.needs, clear.consent, clear.expected_until) == (
        TOLD.needs,
        consent,
        TOLD.expected_until,
    )
    assert (clear.category, clear.words, clear.effect, clear.effect_talking) == (None, "", "", "")
    assert clear.evidence_seen == ()
    assert (part.category, part.words, part.effect_talking) == (
        TOLD.category,
        TOLD.words,
        "whispers",
    )
    assert parted(TOLD)[1] is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8).map(lambda t: f"秘密{t}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*Disclosure.__dataclass_fields__, "newer", "consent"]), _VALUES
    )
)
def test_what_is_shown_of_a_record_never_holds_its_words(payload: dict[str, object]) -> None:
    """Whatever shape a record has, only codes, ids and times come through."""
    shown = shown_payload(payload)
    assert "秘密" not in str(shown)
    assert set(shown) == set(shown_payload({}))
