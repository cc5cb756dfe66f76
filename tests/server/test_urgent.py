"""What stops collection goes first: ahead of its place in the log, and ahead of the rest of its batch."""

import dataclasses
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from fieldsync.domain.check import Level
from fieldsync.domain.officer import Officer
from fieldsync.schemas.sync import SyncResponseSchema
from fieldsync.sync.chain import Head, Linked, Placement, arrange
from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.operation import SignedOperation, chain_hash, decode_body
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import audit, early_operations, forks, holds, operations
from server.workflow.examine_sync import check_early
from server.workflow.lift_hold import lift
from tests.server.case_files import agreement, case_file, disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def pushed(
    device: FieldDevice, *batch: SignedOperation, urgent: tuple[SignedOperation, ...]
) -> TestResponse:
    """One exchange that shows some operations ahead."""
    message: dict[str, Any] = {
        "device_id": device.device_id,
        "cursor": None,
        "operations": [dataclasses.asdict(one) for one in batch],
        "urgent": [dataclasses.asdict(one) for one in urgent],
    }
    return device.post("/api/v1/sync", message)


def day_with_hardship(device: FieldDevice, case_id: str = "C-1") -> SignedOperation:
    """Three notes and then a disclosure; the disclosure."""
    for _note in range(3):
        device.record("visit.note", "C-2", {"visit_id": "V-2", "text": "nobody at home"})
    told = disclosure(device.new_id(), case_id, device.clock.now())
    device.record("hardship.disclose", case_id, told)
    return device.journal[-1]


def count(ctx: ServerContext, table: Any) -> int:
    """How many rows a table has."""
    with reading(ctx.engine) as conn:
        return len(conn.execute(select(table)).all())


def test_what_is_shown_ahead_stops_collection_everywhere(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Before one note has arrived the case is held, and the partner's device learns it."""
    give(ana, ben)
    give(ana, ben, case=case_file("C-2"))
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    urgent = day_with_hardship(hers)
    answer = pushed(hers, urgent=(urgent,))
    assert answer.status_code == 200
    assert answer.get_json()["results"] == []
    (row,) = his.sync().changes
    assert row.body is not None
    assert [hold["kind"] for hold in row.body["holds"]] == ["hardship"]
    assert (count(staffed, operations), count(staffed, early_operations)) == (0, 1)


def test_it_is_applied_once_and_comes_again_in_its_place(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Shown twice, then pushed in its place, then shown once more: one hold, one row, one outcome."""
    give(ana)
    give(ana, case=case_file("C-2"))
    urgent = day_with_hardship(device)
    pushed(device, urgent=(urgent,))
    pushed(device, device.journal[0], urgent=(urgent,))
    with reading(staffed.engine) as conn:
        held = load_case(conn, "C-1")
    results = device.sync().results
    assert [result.outcome.kind for result in results] == [OutcomeKind.ACCEPTED] * 4
    pushed(device, urgent=(urgent,))
    assert (count(staffed, early_operations), count(staffed, holds)) == (0, 1)
    with reading(staffed.engine) as conn:
        assert load_case(conn, "C-1") == held
        actions = conn.execute(select(audit.c.action)).scalars().all()
    assert actions.count("collection.stopped_early") == 1


def test_a_hold_that_a_person_lifted_is_not_set_again(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The office decides in between: the record that comes later in its place changes nothing."""
    give(ana)
    urgent = day_with_hardship(device)
    pushed(device, urgent=(urgent,))
    lift(staffed, "C-1", reason="he is well again", by="ben")
    pushed(device, urgent=(urgent,))
    device.sync()
    with reading(staffed.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    assert case.holds == ()


@pytest.mark.parametrize("what", ["unknown case", "stops nothing", "two cases"])
def test_what_stops_nothing_changes_nothing(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, what: str
) -> None:
    """Shown ahead to no purpose: no hold, no row, and the log goes on as ever."""
    give(ana)
    if what == "unknown case":
        day_with_hardship(device, "C-77")
    elif what == "stops nothing":
        device.record("visit.finish", "C-1", visit_finish("V-1"))
    else:
        at, files = device.clock.now(), ["0" * 64, "1" * 64]
        of_another = agreement(device.new_id(), case_file("C-2"), at, (ana,), files)
        device.record("agreement.sign", "C-1", of_another)
    assert pushed(device, urgent=(device.journal[-1],)).status_code == 200
    assert (count(staffed, early_operations), count(staffed, holds)) == (0, 0)
    assert len(device.sync().results) == len(device.journal)


def test_a_changed_record_stops_nothing(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Verified as the log is: a changed body, and another device's record, refuse the whole request."""
    give(ana)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    urgent = day_with_hardship(hers)
    changed = SignedOperation(urgent.body.replace('"time"', '"rest"'), urgent.sig)
    assert changed != urgent
    answer = pushed(hers, *hers.journal[:2], urgent=(changed,))
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.44")
    assert pushed(his, urgent=(urgent,)).get_json()["code"] == "400.43"
    assert (count(staffed, operations), count(staffed, holds)) == (0, 0)


def test_a_gap_does_not_hold_it_up(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The batch begins too late and is refused; what it shows ahead has stopped collection all the same."""
    give(ana)
    urgent = day_with_hardship(device)
    answer = pushed(device, device.journal[2], urgent=(urgent,))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "409.41")
    assert (count(staffed, early_operations), count(staffed, holds)) == (1, 1)


def test_another_record_in_the_place_of_one_shown_ahead_is_a_fork(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G2: a device put back to before the disclosure cannot write something else over it."""
    give(ana)
    urgent = day_with_hardship(device)
    pushed(device, urgent=(urgent,))
    kept = device.journal[:3]
    before = decode_body(urgent.body)
    device.journal, device.head = kept, Head(before.seq - 1, before.prev_hash)
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "all is well"})
    answer = device.push(*device.journal)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "409.42")
    assert (count(staffed, forks), count(staffed, early_operations), count(staffed, holds)) == (
        1,
        1,
        1,
    )


def test_places_shown_ahead_are_compared_by_hash(device: FieldDevice) -> None:
    """The same record fits its place, another one does not, and other places are free."""
    device.record("visit.note", None, {})
    operation = decode_body(device.journal[0].body)
    own = chain_hash(operation.prev_hash, device.journal[0].body)
    batch = [Linked(operation, device.journal[0].body, device.journal[0].sig, own)]
    start = Head(0, operation.prev_hash)
    assert arrange(start, {}, batch, {1: own}).placement is Placement.FITS
    assert arrange(start, {}, batch, {2: "0" * 64}).placement is Placement.FITS
    assert arrange(start, {}, batch, {1: "0" * 64}).placement is Placement.FORK


def test_a_visit_later_in_the_day_was_made_under_the_hold(
    device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """In one batch: a visit before the disclosure is judged by what was so then, one after it is not."""
    give(ana, ben)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    device.clock.go_on(hours=1)
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    device.clock.go_on(hours=1)
    device.record("visit.start", "C-1", visit_start("V-2", "E1001", "E1002"))
    first, disclosed, second = device.sync().results
    assert first.outcome.kind is OutcomeKind.ACCEPTED
    assert disclosed.outcome.kind is OutcomeKind.ACCEPTED
    assert second.outcome.kind is OutcomeKind.IN_REVIEW
    assert second.outcome.reason is not None
    assert second.outcome.reason.code == "rule.HOUSE-HARDSHIP"


def test_digests_hold_after_an_early_stop(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G4: the row that the early stop put into the feed is counted like any other."""
    give(ana)
    urgent = day_with_hardship(device)
    answer = SyncResponseSchema().load(pushed(device, urgent=(urgent,)).get_json())
    live = [(row.key, row.version) for row in answer.changes if row.op is FeedOp.PUT]
    assert answer.digest == digest_of(live)


def test_doctor_asks_for_a_log_that_does_not_follow(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A record that stopped collection and whose log has not come for two days is worth a question."""
    give(ana)
    pushed(device, urgent=(day_with_hardship(device),))
    assert check_early(staffed).level is Level.OK
    device.clock.go_on(days=3)
    assert check_early(staffed).level is Level.WARN
    device.sync()
    assert check_early(staffed).level is Level.OK
