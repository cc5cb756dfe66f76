"""Who is visited today, told so that a banker can follow: Chen's case, changed one fact at a time."""

from dataclasses import replace

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.eligibility import Eligibility, assess, stage_of
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import (
    AgreementState,
    Appointment,
    Case,
    Channel,
    Flag,
    Hold,
    HoldKind,
    Reached,
)
from tests.conduct.conduct_cases import CHEN, DAY, HOME, TRIED, WORK, at, tried

PACKS = builtin_rulesets()
MORNING = Appointment("home", Window(at("2026-11-24 10:00"), at("2026-11-24 10:30")))


def today(case: Case) -> Eligibility:
    """The answer for 24 November 2026."""
    return assess(case, DAY, PACKS)


def rules(answer: Eligibility) -> set[str]:
    """The rules that keep the case off the road."""
    return {finding.rule for finding in answer.reasons}


def test_long_overdue_and_tried_on_every_channel() -> None:
    """The usual case on the road: at home, between 08:00 and 22:00, and it says why."""
    answer = today(CHEN)
    assert (answer.eligible, answer.address_id, answer.stage) == (True, "home", "M4")
    assert answer.windows == (Window(at("2026-11-24 08:00"), at("2026-11-24 22:00")),)
    assert answer.reasons == ()
    assert answer.why["en"] == (
        "M4, 104 days overdue; 3 channels tried on 5 days within 30; never spoken to."
    )
    assert answer.why["zh-CN"] == (
        "M4，逾期 104 天；30 天内通过 3 种渠道在 5 天尝试联系；尚未与本人沟通过。"
    )


def test_the_last_conversation_is_told() -> None:
    """Spoken to two weeks ago: still on the road, and the officers know it."""
    spoken = tried("10", Channel.CALL, Reached.DEBTOR)
    answer = today(replace(CHEN, contacts=(*TRIED, spoken)))
    assert answer.eligible
    assert answer.why["en"].endswith("last spoken to on 2026-11-10.")


def test_the_last_days_until_sixty_are_counted_from_the_statement() -> None:
    """59 days on the statement of yesterday are 60 today; 58 are 59, which is too early."""
    for days, eligible in ((59, True), (58, False)):
        answer = today(replace(CHEN, loan=replace(CHEN.loan, days_past_due=days)))
        assert answer.eligible is eligible
    paid = today(replace(CHEN, loan=replace(CHEN.loan, days_past_due=0)))
    assert (paid.stage, rules(paid)) == ("M0", {"HOUSE-DPD-60"})


def test_every_rule_that_stops_a_case_is_told() -> None:
    """Nothing tried yet: both reasons are there, in both languages."""
    answer = today(replace(CHEN, contacts=()))
    assert rules(answer) == {"HOUSE-CHANNELS-3", "HOUSE-DAYS-5"}
    assert answer.why["zh-CN"].startswith("不上门：")
    assert all(finding.message["en"] in answer.why["en"] for finding in answer.reasons)
    assert (answer.address_id, answer.windows) == (None, ())


@pytest.mark.parametrize(
    "flag", sorted(set(Flag) - {Flag.EMPLOYER_PROHIBITS, Flag.THIRD_PARTY_REFUSED})
)
def test_every_special_situation_keeps_the_officers_away(flag: Flag) -> None:
    """Whatever the flag, even an appointment does not bring officers to the door."""
    for appointment in (None, MORNING):
        answer = today(replace(CHEN, flags=frozenset({flag}), appointment=appointment))
        assert not answer.eligible
        assert answer.reasons


@pytest.mark.parametrize("kind", HoldKind)
def test_a_hold_stops_even_an_appointment(kind: HoldKind) -> None:
    """Hardship told, a dispute, an agreement, or the office's word: the visit does not happen."""
    hold = Hold("h1", kind, at("2026-11-23 18:00"))
    answer = today(replace(CHEN, holds=(hold,), appointment=MORNING))
    assert not answer.eligible
    assert rules(answer) & {"HOUSE-HARDSHIP", "HOUSE-HOLD"}


def test_a_kept_agreement_stops_visits() -> None:
    """CN-PLAN-STOP, with its citation."""
    answer = today(replace(CHEN, agreement_state=AgreementState.PERFORMING))
    assert rules(answer) == {"CN-PLAN-STOP"}
    assert "art. 70" in answer.reasons[0].citation


def test_who_asked_for_a_visit_is_visited_when_they_asked() -> None:
    """Twenty days overdue and never called, but the borrower asked: at ten, and only then."""
    early = replace(CHEN, contacts=(), loan=replace(CHEN.loan, days_past_due=20))
    answer = today(replace(early, appointment=MORNING))
    assert (answer.eligible, answer.is_appointment) == (True, True)
    assert answer.windows == (MORNING.window,)
    assert "10:00" in answer.why["en"]
    assert "10:30" in answer.why["zh-CN"]


def test_an_appointment_is_at_the_place_that_was_agreed() -> None:
    """Agreed for the workplace, so not at home."""
    answer = today(replace(CHEN, appointment=replace(MORNING, address_id="work")))
    assert (answer.eligible, answer.address_id) == (True, "work")


def test_a_late_appointment_is_lawful_because_the_borrower_chose_it() -> None:
    """21:45 to 22:15 was agreed, so the closed hour is open for it."""
    late = Appointment("home", Window(at("2026-11-24 21:45"), at("2026-11-24 22:15")))
    assert today(replace(CHEN, appointment=late)).windows == (late.window,)


def test_an_appointment_on_another_day_is_waited_for() -> None:
    """Who chose Thursday is not surprised on Tuesday."""
    thursday = Appointment("home", Window(at("2026-11-26 10:00"), at("2026-11-26 10:30")))
    assert rules(today(replace(CHEN, appointment=thursday))) == {"HOUSE-APPOINTMENT"}


def test_an_appointment_at_an_address_nobody_knows_is_said() -> None:
    """The book names an address that is not in it."""
    lost = today(replace(CHEN, appointment=replace(MORNING, address_id="gone")))
    assert rules(lost) == {"HOUSE-ADDRESS"}


def test_the_workplace_comes_second() -> None:
    """The home is known to be wrong, so the workplace; not where the employer forbids it."""
    wrong_home = replace(CHEN, addresses=(WORK, replace(HOME, invalid=True)))
    assert today(wrong_home).address_id == "work"
    forbidden = today(replace(wrong_home, flags=frozenset({Flag.EMPLOYER_PROHIBITS})))
    assert rules(forbidden) == {"HOUSE-EMPLOYER"}


def test_no_address_at_all_is_a_reason_too() -> None:
    """A case without any address says so."""
    assert rules(today(replace(CHEN, addresses=()))) == {"HOUSE-ADDRESS"}


def test_an_open_promise_is_trusted() -> None:
    """Promised until Friday: wait."""
    promise = replace(tried("12", Channel.CALL, Reached.DEBTOR), promise_until=DAY)
    assert rules(today(replace(CHEN, contacts=(*TRIED, promise)))) == {"HOUSE-PROMISE"}


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (0, "M0"),
        (1, "M1"),
        (30, "M1"),
        (31, "M2"),
        (90, "M3"),
        (91, "M4"),
        (180, "M6"),
        (181, "M7+"),
    ],
)
def test_stages_by_days_overdue(days: int, stage: str) -> None:
    """M1 is the first thirty days, M7+ everything past 180."""
    assert stage_of(days) == stage
