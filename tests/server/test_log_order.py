"""A clock that jumps back turns no order round: within one device's log the numbers tell what came first."""

import hashlib
from datetime import timedelta

import pytest

from fieldsync.domain.officer import Officer
from fieldsync.schemas.sync import SyncResponseSchema
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.workflow.review_operations import get_operation
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice
from tests.server.test_conduct_on_receipt import code_of
from tests.server.test_urgent import pushed

ON_HOLD = "rule.HOUSE-HARDSHIP"


def start(device: FieldDevice, back: timedelta = timedelta(0), visit_id: str = "V-1") -> str:
    """Ana and Ben begin a visit, by a clock that was put back so far; the record's id."""
    payload = visit_start(visit_id, "E1001", "E1002")
    return device.record("visit.start", "C-1", payload, at=device.clock.now() - back).op_id


def disclose(device: FieldDevice, back: timedelta = timedelta(0)) -> None:
    """The borrower tells of an illness, by a clock that was put back so far."""
    then = device.clock.now() - back
    told = disclosure(device.new_id(), "C-1", then)
    device.record("hardship.disclose", "C-1", told, at=then)


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("back", [timedelta(seconds=2), timedelta(hours=1), timedelta(days=400)])
def test_a_hold_that_the_visit_brought_does_not_make_its_start_unlawful(
    device: FieldDevice, give: CaseGiver, ana: Officer, back: timedelta, *, urgent: bool
) -> None:
    """The disclosure comes after the start in the log, however far the clock was put back between."""
    give(ana)
    start(device)
    disclose(device, back)
    shown = device.journal[1:] if urgent else []
    if urgent:
        pushed(device, urgent=tuple(shown))
    answer = pushed(device, *device.journal, urgent=tuple(shown))
    results = SyncResponseSchema().load(answer.get_json()).results
    assert [code_of(result.outcome) for result in results] == [None, None]


@pytest.mark.parametrize("apart", [False, True])
def test_a_clock_put_back_ends_no_hold(
    device: FieldDevice, give: CaseGiver, ana: Officer, *, apart: bool
) -> None:
    """Who recorded the illness and then begins a visit "before" it is asked by the office."""
    give(ana)
    disclose(device)
    if apart:
        device.sync()
    start(device, timedelta(hours=1))
    assert code_of(device.sync().results[-1].outcome) == ON_HOLD


def test_what_another_device_recorded_is_ordered_by_the_clock(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Two logs share no numbers: Ben's disclosure an hour earlier binds Ana's start."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    start(hers)
    his.record("visit.note", "C-1", {"visit_id": "V-0", "text": "nobody"})
    disclose(his, timedelta(hours=1))
    his.sync()
    assert code_of(hers.sync().results[0].outcome) == ON_HOLD


def test_a_start_that_waited_is_asked_by_its_place(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Released after the hold was stored, the start still stands before it in the log."""
    give(ana)
    drawing = b"a photo of the door"
    noted = device.record("visit.note", "C-1", {"visit_id": "V-0", "text": "x"}, files=(drawing,))
    waiting = device.record(
        "visit.start", "C-1", visit_start("V-1", "E1001", "E1002"), depends_on=(noted.op_id,)
    )
    disclose(device, timedelta(minutes=5))
    assert device.sync().results[1].outcome.kind is OutcomeKind.HELD
    name = hashlib.sha256(drawing).hexdigest()
    assert (
        device.send("PUT", f"/api/v1/blobs/{name}", drawing, content_type="image/png").status_code
        == 201
    )
    assert get_operation(staffed, waiting.op_id).outcome.kind is OutcomeKind.ACCEPTED


def test_an_earlier_visit_counts_against_the_caps_though_its_clock_was_ahead(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Two visits of one day: the second is seen as such when the clock was put back between them."""
    give(ana)
    begun = start(device)
    finish = visit_finish("V-1")
    device.record("visit.finish", "C-1", finish, depends_on=(begun,))
    start(device, timedelta(minutes=30), "V-2")
    first, ended, second = (code_of(result.outcome) for result in device.sync().results)
    assert (first, ended) == (None, None)
    assert second is not None
    assert second.startswith("rule.")
