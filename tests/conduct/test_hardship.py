"""A disclosure keeps the need; the diagnosis only with consent; and the hold begins at once."""

from dataclasses import replace
from datetime import date

import pytest

from fieldsync.conduct.hardship import CARERS, IDEA, TEXAS, hold_for, minimise
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
