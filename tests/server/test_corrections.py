"""Corrections on the server: a proposal changes nothing, an accepted one lasts through new books."""

import dataclasses

import pytest

from fieldsync.domain.bank_parts import joined
from fieldsync.domain.case import Case, HoldKind
from fieldsync.domain.correction import CorrectionKind
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_bank_parts, load_case
from server.store.corrections import CorrectionState
from server.store.engine import reading
from server.workflow.decide_correction import (
    decide_correction,
    get_correction,
    list_corrections,
)
from tests.server.case_files import case_file
from tests.server.conftest import CaseGiver
from tests.server.door_records import correction
from tests.server.field_device import FieldDevice
from tests.server.test_conduct_on_receipt import code_of

PHONES = ("13800000001", "138-0000-0002")


def propose(device: FieldDevice, kind: CorrectionKind, *, wrong: str = "", right: str = "") -> None:
    """The field says that something is wrong, and the record arrives."""
    told = correction("R-000001", device.clock.now(), kind, wrong=wrong, right=right)
    device.record("correction.propose", "C-1", told)
    assert code_of(device.sync().results[-1].outcome) is None


def stored(ctx: ServerContext) -> Case:
    """The case as the server holds it."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return case


def with_phones() -> Case:
    """A case with two numbers."""
    case = case_file()
    return dataclasses.replace(case, borrower=dataclasses.replace(case.borrower, phones=PHONES))


def test_a_wrong_address_is_a_proposal_until_the_office_says_so(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Then nobody goes there, the device learns it, and the officer reads why."""
    give(ana)
    propose(device, CorrectionKind.ADDRESS, wrong="home", right="南山区2号")
    assert [a.invalid for a in stored(staffed).addresses] == [False]
    told = decide_correction(staffed, "R-000001", accept=True, reason="landlord says so", by="Li")
    assert told.state is CorrectionState.ACCEPTED
    assert [a.invalid for a in stored(staffed).addresses] == [True]
    rows = {row.key.partition(":")[0]: row.body for row in device.sync().changes}
    assert rows["case"] is not None
    assert rows["case"]["addresses"][0]["invalid"] is True
    assert rows["op_result"] is not None
    reason = rows["op_result"]["outcome"]["reason"]
    assert reason["code"] == "correction_accepted"
    assert set(reason["message"]) == {"en", "zh-CN"}


def test_a_wrong_number_stays_away_while_the_bank_repeats_it(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """However it is spelt; once the bank's book drops it, the bank may tell it anew."""
    case = give(ana, case=with_phones())
    propose(device, CorrectionKind.TELEPHONE, wrong="13800000002")
    decide_correction(staffed, "R-000001", accept=True, reason="a stranger answers", by="Li")
    assert stored(staffed).borrower.phones == PHONES[:1]
    with reading(staffed.engine) as conn:
        known = load_bank_parts(conn, ["C-1"])["C-1"]
    again = joined(case, known)
    assert (again.borrower.phones, again.borrower.wrong_phones) == (PHONES[:1], PHONES[1:])
    assert joined(again, again).borrower == again.borrower
    one = dataclasses.replace(case.borrower, phones=PHONES[:1])
    dropped = joined(dataclasses.replace(case, borrower=one), known)
    assert dropped.borrower.wrong_phones == ()
    assert joined(case, dropped).borrower.phones == PHONES


@pytest.mark.parametrize("accept", [True, False])
def test_a_wrong_person_is_left_in_peace(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, *, accept: bool
) -> None:
    """Collection stops on arrival; accepted, it stays stopped; refused, the case is as it was."""
    give(ana)
    propose(device, CorrectionKind.WRONG_PERSON)
    assert [hold.kind for hold in stored(staffed).holds] == [HoldKind.OFFICE]
    decide_correction(staffed, "R-000001", accept=accept, reason="looked at the card", by="Li")
    assert len(stored(staffed).holds) == int(accept)


def test_a_refused_correction_changes_nothing(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The case keeps its address; the officer reads who said no, and why."""
    give(ana)
    propose(device, CorrectionKind.ADDRESS, wrong="home")
    before = stored(staffed)
    decide_correction(staffed, "R-000001", accept=False, reason="seen there today", by="Li")
    assert stored(staffed) == before
    (row,) = [row for row in device.sync().changes if row.key.startswith("op_result:")]
    assert row.body is not None
    outcome = row.body["outcome"]
    assert (outcome["kind"], outcome["reason"]["code"]) == (
        OutcomeKind.ACCEPTED,
        "correction_refused",
    )
    assert "seen there today" in outcome["reason"]["message"]["en"]


def test_a_correction_is_decided_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A second decision and an unknown id are refused."""
    give(ana)
    propose(device, CorrectionKind.ADDRESS, wrong="home")
    decide_correction(staffed, "R-000001", accept=False, reason="no", by="Li")
    with pytest.raises(ConflictError) as again:
        decide_correction(staffed, "R-000001", accept=True, reason="yes", by="Li")
    assert again.value.code == "409.74"
    with pytest.raises(NotFoundError) as unknown:
        get_correction(staffed, "R-999999")
    assert unknown.value.code == "404.71"
    assert list_corrections(staffed, CorrectionState.PROPOSED) == []
    assert len(list_corrections(staffed, None)) == 1
