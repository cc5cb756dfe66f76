"""Complaints on the server: the case stays off the road until the answer, which is due by law."""

from datetime import date, timedelta

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.eligibility import assess
from fieldsync.domain.complaint import Complexity
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError
from server.context import ServerContext
from server.store.cases import load_bank_parts, load_case
from server.store.complaints import ComplaintState
from server.store.engine import reading
from server.workflow.answer_complaint import answer, extend, get_complaint, list_complaints
from tests.server.branch_day import TOMORROW
from tests.server.case_files import visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.door_records import CREW, complaint
from tests.server.field_device import FieldDevice
from tests.server.test_conduct_on_receipt import code_of


def complain(device: FieldDevice, complaint_id: str = "K-000001") -> None:
    """The borrower complains of Ben, and the record arrives."""
    told = complaint(complaint_id, device.clock.now(), about=("E1002",))
    device.record("complaint.record", "C-1", told)
    assert code_of(device.sync().results[-1].outcome) is None


def rules_tomorrow(ctx: ServerContext) -> set[str]:
    """What keeps the case off the road tomorrow."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return {finding.rule for finding in assess(case, TOMORROW, builtin_rulesets()).reasons}


def test_an_open_complaint_keeps_everybody_away_until_it_is_answered(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """The flag reaches both devices and is never taken for the bank's own; the answer ends it."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    assert rules_tomorrow(staffed) == set()
    complain(hers)
    (row,) = [row for row in his.sync().changes if row.key == "case:C-1"]
    assert row.body is not None
    assert row.body["flags"] == ["grievance_open"]
    assert rules_tomorrow(staffed) == {"HOUSE-GRIEVANCE"}
    with reading(staffed.engine) as conn:
        assert load_bank_parts(conn, ["C-1"])["C-1"].flags == frozenset()
    answered = answer(staffed, "000001", reason="apologised", by="Li")
    assert (answered.state, answered.answer) == (ComplaintState.ANSWERED, "apologised")
    assert rules_tomorrow(staffed) == set()
    (row,) = [row for row in his.sync().changes if row.key == "case:C-1"]
    assert row.body is not None
    assert row.body["flags"] == []


def test_the_law_says_when(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Fifteen days from the day it was said, thirty if complex, sixty if specially complex; never fewer."""
    give(ana)
    complain(device)
    assert get_complaint(staffed, "K-000001").due == date(2026, 11, 24) + timedelta(days=15)
    for complexity, days in ((Complexity.COMPLEX, 30), (Complexity.SPECIALLY_COMPLEX, 60)):
        stored = extend(staffed, "K-000001", complexity, reason="calls to hear", by="Li")
        assert stored.due == date(2026, 11, 24) + timedelta(days=days)
        assert (stored.extended_by, stored.extended_reason) == ("Li", "calls to hear")
    with pytest.raises(InputError) as fewer:
        extend(staffed, "K-000001", Complexity.COMPLEX, reason="x", by="Li")
    assert fewer.value.code == "422.70"


def test_the_days_run_from_when_it_was_said(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A complaint that comes up days later has less time left; a clock ahead gives none."""
    give(ana)
    device.clock.go_on(days=-3)
    told = complaint("K-000001", device.clock.now())
    device.record("complaint.record", "C-1", told)
    device.clock.go_on(days=3)
    ahead = device.clock.now() + timedelta(hours=20)
    device.record("complaint.record", "C-1", complaint("K-000002", ahead), at=ahead)
    device.sync()
    found = list_complaints(staffed, ComplaintState.OPEN)
    assert [c.due for c in found] == [date(2026, 12, 6), date(2026, 12, 9)]


def test_a_complaint_is_answered_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A second answer, a reason that is none, and an unknown id are refused with the way out."""
    give(ana)
    complain(device)
    with pytest.raises(InputError):
        answer(staffed, "K-000001", reason=" ", by="Li")
    answer(staffed, "K-000001", reason="apologised", by="Li")
    with pytest.raises(ConflictError) as again:
        answer(staffed, "K-000001", reason="apologised", by="Li")
    assert again.value.code == "409.73"
    with pytest.raises(NotFoundError) as unknown:
        get_complaint(staffed, "K-999999")
    assert unknown.value.code == "404.70"
    assert list_complaints(staffed, ComplaintState.OPEN) == []


def test_an_end_that_names_several_names_none(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The office is asked for the whole id."""
    give(ana)
    complain(device, "A-000001")
    complain(device, "B-000001")
    with pytest.raises(ConflictError) as several:
        get_complaint(staffed, "000001")
    assert several.value.code == "409.72"


def test_the_visit_before_a_complaint_was_right(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """What others did before it was made is judged without it; what came after in the same log is not."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    before = his.clock.now() - timedelta(hours=1)
    complain(hers)
    his.record("visit.start", "C-1", visit_start("V-1", *CREW), at=before)
    assert code_of(his.sync().results[-1].outcome) is None
    told = complaint("K-000002", hers.clock.now())
    hers.record("complaint.record", "C-1", told)
    hers.record("visit.start", "C-1", visit_start("V-2", *CREW), at=before)
    assert code_of(hers.sync().results[-1].outcome) == "rule.HOUSE-GRIEVANCE"


@pytest.mark.parametrize("how", ["two cases", "no topic"])
def test_a_complaint_that_cannot_be_read_is_kept(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, how: str
) -> None:
    """Its bytes stay, with the reason; nothing is flagged by it."""
    give(ana)
    told = complaint("K-000001", device.clock.now())
    told |= {"case_id": "C-9"} if how == "two cases" else {"topic": "weather"}
    device.record("complaint.record", "C-1", told)
    reason = device.sync().results[-1].outcome.reason
    assert reason is not None
    assert reason.code == "malformed"
    assert list_complaints(staffed, None) == []
