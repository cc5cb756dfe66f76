"""Pushing operations: stored once, never twice, never silently replaced, and a bad one blocks nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from fieldsync.sync.operation import SignedOperation
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import disclosures, forks, holds, operations, visits
from tests.server.case_files import case_file, disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def count(ctx: ServerContext, table: Any) -> int:
    """How many rows a table has."""
    with reading(ctx.engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar() or 0


def test_a_visit_is_stored_and_accepted(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """A start and its finish are accepted, and the visit stands in the store with its outcome."""
    give(ana, ben)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    device.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(start.op_id,))
    answer = device.sync()
    assert [r.outcome.kind for r in answer.results] == [OutcomeKind.ACCEPTED] * 2, answer.results
    with reading(staffed.engine) as conn:
        row = conn.execute(select(visits)).one()
    assert (row.outcome, row.identity_shown) == ("MET_DEBTOR", True)


def test_a_lost_reply_stores_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """G1: the device that never saw the answer sends all of it again, and nothing is applied twice."""
    give(ana, ben)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    first = device.push(*device.journal)
    second = device.push(*device.journal)
    assert first.status_code == second.status_code == 200
    assert first.get_json()["results"] == second.get_json()["results"]
    assert first.get_json()["receipt"]["body"] == second.get_json()["receipt"]["body"]
    assert [count(staffed, t) for t in (operations, visits, disclosures, holds)] == [2, 1, 1, 1]


def test_another_body_at_the_same_place_is_a_fork(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G2: a copy of the device that wrote something else is refused, and both bodies are kept."""
    give(ana)
    before = device.head
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "one"})
    device.sync()
    device.head = before
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "another"})
    answer = device.push(device.journal[-1])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "409.42")
    assert answer.get_json()["head_seq"] == 1
    assert (count(staffed, operations), count(staffed, forks)) == (1, 1)


def test_a_link_to_another_past_is_a_fork(staffed: ServerContext, device: FieldDevice) -> None:
    """G2: the next place, linked to a past that the server never stored, is no less a fork."""
    device.record("visit.note", None, {})
    device.record("visit.note", None, {})
    device.push(device.journal[0])
    device.head = type(device.head)(1, "0" * 64)
    device.record("visit.note", None, {})
    answer = device.push(device.journal[-1])
    assert answer.get_json()["code"] == "409.42"
    assert (count(staffed, operations), count(staffed, forks)) == (1, 1)


def test_a_gap_is_answered_with_the_head(staffed: ServerContext, device: FieldDevice) -> None:
    """A push that begins too late stores nothing and learns where to begin."""
    for _place in range(3):
        device.record("visit.note", None, {})
    answer = device.push(device.journal[2])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "409.41")
    assert (answer.get_json()["head_seq"], answer.get_json()["at_seq"]) == (0, 3)
    assert count(staffed, operations) == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_letter_changed_anywhere_in_a_batch_is_refused(
    place: int, staffed: ServerContext, device: FieldDevice
) -> None:
    """Of remarks the later signature vouches for the earlier ones, and for not a letter more than was signed."""
    for _number in range(3):
        device.record("visit.note", None, {"text": "gentle"})
    pushed = list(device.journal)
    pushed[place] = SignedOperation(pushed[place].body.replace("gentle", "rude"), pushed[place].sig)
    answer = device.push(*pushed)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.44")
    assert count(staffed, operations) == 0


@pytest.mark.parametrize("place", [0, 2])
def test_evidence_and_the_end_of_a_batch_are_proved_by_their_own_signatures(
    place: int, staffed: ServerContext, device: FieldDevice
) -> None:
    """A disclosure before remarks, and the last remark: another's signature under either stores nothing."""
    device.record("hardship.disclose", None, {})
    device.record("visit.note", None, {"text": "one"})
    device.record("visit.note", None, {"text": "two"})
    pushed = list(device.journal)
    pushed[place] = SignedOperation(pushed[place].body, pushed[1].sig)
    answer = device.push(*pushed)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.44")
    assert count(staffed, operations) == 0


def test_a_body_changed_on_the_way_is_refused(staffed: ServerContext, device: FieldDevice) -> None:
    """The exact bytes are what was signed: one changed letter and nothing of the batch is stored."""
    device.record("visit.note", None, {"text": "gentle"})
    signed = device.journal[0]
    answer = device.push(SignedOperation(signed.body.replace("gentle", "rude"), signed.sig))
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.44")
    assert count(staffed, operations) == 0


def test_one_bad_record_blocks_only_its_dependants(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """G6: a malformed, an unknown and a foreign record are kept with reasons; the sound one goes on."""
    give(ana, ben)
    give(case=case_file("C-9"))
    bad = device.record("visit.start", "C-1", {"visit_id": "V-1", "officers": ["E1001"]})
    device.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(bad.op_id,))
    device.record("moon.landing", None, {})
    device.record("visit.start", "C-9", visit_start("V-9", "E1001", "E1002"))
    device.record("visit.start", "C-7", visit_start("V-7", "E1001", "E1002"))
    device.record("visit.start", "C-1", visit_start("V-2", "E1001", "E1002"))
    answers = [r.outcome for r in device.sync().results]
    assert [(a.kind.value, a.reason.code if a.reason else None) for a in answers] == [
        ("rejected", "malformed"),
        ("in_review", "depends_on_rejected"),
        ("rejected", "unknown_kind"),
        ("in_review", "out_of_scope"),
        ("rejected", "unknown_case"),
        ("accepted", None),
    ]
    assert all(a.reason is None or set(a.reason.message) == {"en", "zh-CN"} for a in answers)
    assert count(staffed, operations) == 6


def test_a_broken_rule_goes_to_review_with_its_finding(
    device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """A start at eleven at night is a fact that is kept, and a person sees which rule it broke."""
    give(ana, ben)
    night = device.clock.now().replace(hour=23)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"), at=night)
    outcome = device.sync().results[0].outcome
    assert outcome.kind is OutcomeKind.IN_REVIEW
    assert outcome.reason is not None
    assert outcome.reason.code == "rule.CN-HOURS"


def test_a_hold_reaches_the_other_officers_device(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """What one officer was told in confidence stops the other officer's collection too."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    hers.record("hardship.disclose", "C-1", disclosure(hers.new_id(), "C-1", hers.clock.now()))
    hers.sync()
    rows = {row.key: row for row in his.sync().changes}
    assert rows["case:C-1"].version == 2
    assert rows["case:C-1"].body is not None
    assert [hold["kind"] for hold in rows["case:C-1"].body["holds"]] == ["hardship"]
    assert not [key for key in rows if key.startswith("op_result:")]


def test_a_disclosure_waits_for_nothing(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Stopping collection never hangs on another record: a pending visit does not hold it up."""
    give(ana)
    pending = "0192f6a4-0000-7000-8000-000000000001"
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told, depends_on=(pending,))
    assert device.sync().results[0].outcome.kind is OutcomeKind.ACCEPTED
    assert count(staffed, holds) == 1


def test_the_same_visit_twice_is_for_a_person(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Two records that contradict each other do not stop the push; the second goes to review."""
    give(ana, ben)
    for _time in range(2):
        device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    outcomes = [r.outcome for r in device.sync().results]
    assert [o.kind for o in outcomes] == [OutcomeKind.ACCEPTED, OutcomeKind.IN_REVIEW]
    assert count(staffed, visits) == 1
