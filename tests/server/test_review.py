"""Review: a person decides with both versions before them, and the field learns what was decided."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from fieldsync.domain.case import AgreementState, Case, Flag, Payment
from fieldsync.domain.codec import from_json
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import agreements, visits
from server.workflow.review_operations import decide, get_operation, list_operations
from tests.server.case_files import agreement, disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

FILES = (b"the document", b"the signature")
NAMES = [hashlib.sha256(content).hexdigest() for content in FILES]
Signer = Callable[[Case], Operation]


@pytest.fixture
def sign(device: FieldDevice, ana: Officer, ben: Officer) -> Signer:
    """Records a signed agreement over a case as the device knows it."""

    def record(case: Case) -> Operation:
        payload = agreement(device.new_id(), case, device.clock.now(), (ana, ben), NAMES)
        return device.record("agreement.sign", case.case_id, payload, files=FILES)

    return record


def _upload(device: FieldDevice) -> None:
    device.sync()
    for name, content in zip(NAMES, FILES, strict=True):
        device.send("PUT", f"/api/v1/blobs/{name}", content)


def _case(ctx: ServerContext) -> Case:
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return case


def test_an_agreement_is_accepted_with_its_files(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, sign: Signer, ana: Officer
) -> None:
    """Once document and signature are here the plan performs, and collection stops."""
    operation = sign(give(ana))
    _upload(device)
    stored = get_operation(staffed, operation.op_id)
    assert stored.outcome.kind is OutcomeKind.ACCEPTED, stored.outcome
    case = _case(staffed)
    assert case.agreement_state is AgreementState.PERFORMING
    assert [hold.kind.value for hold in case.holds] == ["agreement"]


def test_the_founding_story_needs_no_review(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, sign: Signer, ana: Officer
) -> None:
    """A disclosure and, minutes later, an agreement: our own hold in between is no changed case."""
    case = give(ana)
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    operation = sign(case)
    _upload(device)
    assert get_operation(staffed, operation.op_id).outcome.kind is OutcomeKind.ACCEPTED
    assert {hold.kind.value for hold in _case(staffed).holds} == {"agreement", "hardship"}


@pytest.mark.parametrize("settled", [True, False])
def test_a_debt_paid_meanwhile_goes_to_review_with_both_versions(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    sign: Signer,
    ana: Officer,
    *,
    settled: bool,
) -> None:
    """Paid in full, or a payment booked that the figures do not show yet: a person compares."""
    case = give(ana)
    operation = sign(case)
    loan = dataclasses.replace(case.loan, principal=Money(0)) if settled else case.loan
    payment = Payment("P-1", date(2026, 11, 23), Money(1_200_000))
    paid = dataclasses.replace(case, loan=loan, payments=(payment,), version=2)
    give(case=paid)
    _upload(device)
    stored = get_operation(staffed, operation.op_id)
    assert stored.outcome.kind is OutcomeKind.IN_REVIEW
    assert stored.outcome.reason is not None
    assert stored.outcome.reason.code == "case_changed"
    assert stored.operation.payload["quote"]["debt"]["principal"]["amount_minor"] == 1_200_000
    assert stored.server_version is not None
    assert from_json(stored.server_version, Case).payments == (payment,)
    assert _case(staffed).agreement_state is AgreementState.NONE


def test_other_news_of_the_bank_does_not_hold_an_agreement_up(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, sign: Signer, ana: Officer
) -> None:
    """A flag imported meanwhile changes the case's version, though nothing that was agreed on."""
    case = give(ana)
    operation = sign(case)
    give(case=dataclasses.replace(case, flags=frozenset({Flag.VULNERABLE}), version=2))
    _upload(device)
    assert get_operation(staffed, operation.op_id).outcome.kind is OutcomeKind.ACCEPTED


def test_a_second_agreement_goes_to_review(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, sign: Signer, ana: Officer
) -> None:
    """One plan is performing; another one for the same debt is for a person."""
    case = give(ana)
    sign(case)
    second = sign(case)
    _upload(device)
    reason = get_operation(staffed, second.op_id).outcome.reason
    assert reason is not None
    assert reason.code == "case_changed"


def test_sums_that_do_not_add_up_go_to_review(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """The server counts again: a total that the terms do not come to is seen."""
    payload = agreement(device.new_id(), give(ana), device.clock.now(), (ana, ben), NAMES)
    payload["quote"]["total_payable"]["amount_minor"] += 100
    operation = device.record("agreement.sign", "C-1", payload, files=FILES)
    _upload(device)
    reason = get_operation(staffed, operation.op_id).outcome.reason
    assert reason is not None
    assert reason.code == "sums_differ"


def _night_visit(device: FieldDevice) -> tuple[Operation, Operation]:
    night = device.clock.now().replace(hour=23)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"), at=night)
    finish = device.record(
        "visit.finish", "C-1", visit_finish("V-1"), at=night, depends_on=(start.op_id,)
    )
    device.sync()
    return start, finish


def test_accepting_applies_and_releases_what_waited(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The held finish follows its accepted start, and the device hears of both with the reason."""
    give(ana)
    start, finish = _night_visit(device)
    assert [o.operation.op_id for o in list_operations(staffed, OutcomeKind.HELD)] == [finish.op_id]
    decided = decide(
        staffed, start.op_id, accept=True, reason="the borrower asked", by="office:ben"
    )
    assert (decided.outcome.kind, decided.decided_by) == (OutcomeKind.ACCEPTED, "office:ben")
    assert get_operation(staffed, finish.op_id).outcome.kind is OutcomeKind.ACCEPTED
    with reading(staffed.engine) as conn:
        assert conn.execute(select(visits.c.outcome)).scalar() == "MET_DEBTOR"
    rows = {row.key: row.body for row in device.sync().changes}
    told = rows[f"op_result:{start.op_id}"]
    assert told is not None
    assert "the borrower asked" in told["outcome"]["reason"]["message"]["zh-CN"]
    assert f"op_result:{finish.op_id}" in rows


def test_refusing_keeps_the_record_without_effect(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A refused start is kept with its reason; what depends on it comes before a person."""
    give(ana)
    start, finish = _night_visit(device)
    decide(staffed, start.op_id, accept=False, reason="after hours", by="office:ben")
    assert get_operation(staffed, start.op_id).outcome.kind is OutcomeKind.REJECTED
    assert get_operation(staffed, finish.op_id).outcome.kind is OutcomeKind.IN_REVIEW
    with reading(staffed.engine) as conn:
        assert conn.execute(select(visits)).all() == []


def test_a_decision_is_made_once_and_with_a_reason(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """No second decision, none without a reason, none on what is not there."""
    give(ana)
    start, _finish = _night_visit(device)
    with pytest.raises(InputError, match="reason"):
        decide(staffed, start.op_id, accept=True, reason="  ", by="office:ben")
    decide(staffed, start.op_id, accept=False, reason="after hours", by="office:ben")
    with pytest.raises(ConflictError) as twice:
        decide(staffed, start.op_id, accept=True, reason="no, yes", by="office:ben")
    with pytest.raises(NotFoundError) as nothing:
        decide(staffed, "nothing", accept=True, reason="why not", by="office:ben")
    assert (twice.value.code, nothing.value.code) == ("409.46", "404.42")


def test_accepting_a_contradiction_changes_nothing(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The same visit twice: the second can only be refused."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    second = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    device.sync()
    with pytest.raises(ConflictError) as clash:
        decide(staffed, second.op_id, accept=True, reason="both", by="office:ben")
    assert clash.value.code == "409.47"
    assert get_operation(staffed, second.op_id).outcome.kind is OutcomeKind.IN_REVIEW


def test_a_record_from_far_in_the_future_is_for_a_person(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A clock two days ahead does not stop the push; its record is looked at."""
    give(ana)
    ahead = device.clock.now() + timedelta(days=2)
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "soon"}, at=ahead)
    reason = device.sync().results[0].outcome.reason
    assert reason is not None
    assert reason.code == "future_time"


def test_the_stored_bytes_are_the_signed_ones(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, sign: Signer, ana: Officer
) -> None:
    """Evidence: body and hash in the store are those of the device's journal, byte by byte."""
    operation = sign(give(ana))
    device.sync()
    stored = get_operation(staffed, operation.op_id)
    assert stored.body == device.journal[-1].body
    assert stored.hash == device.head.hash
    assert json.loads(stored.body)["prev_hash"] == operation.prev_hash
    with reading(staffed.engine) as conn:
        assert conn.execute(select(agreements)).all() == []
