"""What a reviewer reads of a record: names and sentences, and everything that was sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.correction import CorrectionKind
from fieldsync.domain.verdict import Effect, Finding, Strength
from fieldsync.locale import set_language
from fieldsync.sync.operation import ClockReading, Operation
from server.commands.record_lines import record_lines
from tests.agreements.paper import agreement
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.door_records import captured, check_in_key, complaint, correction, step, stop

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def _said(kind: str, payload: dict[str, Any], language: str = "en") -> dict[str, str]:
    set_language(language)
    try:
        operation = Operation(
            device_id="D",
            seq=1,
            prev_hash="",
            op_id="O",
            kind=kind,
            case_id="C-1",
            occurred_at=AT,
            clock=ClockReading(0, "", None),
            payload=payload,
        )
        return dict(record_lines(operation))
    finally:
        set_language("en")


def test_a_promise_is_money_and_a_day() -> None:
    """An outcome is said in words, a promise in the currency's own units."""
    promise = {"amount_minor": 80_000, "currency": "CNY", "date": "2026-12-01"}
    payload = {**visit_finish("V", "PTP"), "promise": promise}
    assert _said("visit.finish", payload) == {
        "Outcome": "promised to pay in full",
        "Identity shown": "yes",
        "Promised": "800.00 CNY by 2026-12-01",
    }
    assert _said("visit.finish", payload, "zh-CN")["承诺"] == "2026-12-01 前还 800.00 CNY"


def test_a_refusal_is_told_with_its_rule() -> None:
    """The rule's sentence stands in the reader's language."""
    finding = Finding(
        "CN-HOURS",
        Effect.BLOCK,
        Strength.STANDARD,
        "guidelines",
        {"en": "It is too early.", "zh-CN": "时间太早。"},
    )
    payload = {
        "action": "visit.start",
        "address_id": "home",
        "findings": [to_builtins(finding)],
    }
    said = _said("visit.refused", payload, "zh-CN")
    assert said["CN-HOURS（不得进行，行业标准）"] == "时间太早。"


def test_a_disclosure_says_need_and_teller() -> None:
    """The need comes first; what was not told takes no line."""
    assert _said("hardship.disclose", disclosure("D-1", "C-1", AT)) == {
        "Needs": "time to recover",
        "Told by": "the borrower",
        "Consent": "no",
    }


def test_an_agreement_is_a_few_lines() -> None:
    """Sums and days of an agreement, not its whole schedule in one line."""
    signed = agreement()
    said = _said("agreement.sign", to_builtins(signed))
    assert said["Debt"] == str(signed.quote.financed)
    assert said["Document"] == signed.document_sha256
    assert max(len(line) for line in said.values()) < 80


def test_the_rest_of_the_kinds() -> None:
    """A start, a note and a new order of the day."""
    assert _said("visit.start", visit_start("V", "E1", "E2"), "zh-CN")["外访员"] == "E1、E2"
    assert _said("visit.note", {"visit_id": "V", "text": "Gate 4"}) == {"Note": "Gate 4"}
    replan = {"itinerary_id": "I", "base_version": 2, "stops": ["C-1", "C-2"], "reason": "rain"}
    assert _said("itinerary.replan", replan)["New order"] == "C-1, C-2"


@pytest.mark.parametrize("kind", ["visit.finish", "agreement.sign", "new.kind"])
def test_another_shape_is_shown_as_it_came(kind: str) -> None:
    """A rejected record may hold anything; the reviewer sees it all the same."""
    assert _said(kind, {"odd": {"a": [1, 2]}}) == {"odd": "a=1, 2"}


def test_a_disclosure_of_another_shape_says_only_that_there_is_more() -> None:
    """Whatever it holds may be private: the hardship team opens it, nobody else."""
    said = _said("hardship.disclose", {"odd": {"a": [1, 2]}, "needs": "his heart"})
    assert said == {"Consent": "no", "Private part": "for the hardship team alone"}


def test_what_happens_at_a_door_is_said_in_words() -> None:
    """Steps, stops, captures, complaints, corrections and keys, in the reader's language."""
    place: dict[str, object] = {"lat": 22.5, "lon": 113.9, "accuracy_m": 12.0, "consent_at": None}
    assert _said("visit.step", step("V", "entered"), "en") == {"Step": "went in"}
    assert list(_said("visit.stop", stop("V"), "zh-CN")) == ["中止原因"]
    shown = _said("visit.evidence", captured("V", "b" * 64, AT, place))
    assert shown["Place"] == "noted without consent, not kept"
    place["consent_at"] = AT.isoformat()
    assert "no proof" in _said("visit.evidence", captured("V", "b" * 64, AT, place))["Place"]
    told = _said("complaint.record", complaint("K", AT, about=("E1",)), "zh-CN")
    assert (told["事由"], told["涉及人员"]) == ("人员行为", "E1")
    wrong = correction("R", AT, CorrectionKind.TELEPHONE, wrong="138", right="139")
    assert _said("correction.propose", wrong)["Right"] == "139"
    assert _said("officer.check_in_key", check_in_key("E1001"))["Officer"] == "E1001"
