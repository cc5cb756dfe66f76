"""The office decides on records in quarantine: taken in they count like any other, refused they end."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_CONFLICT, ConflictError
from fieldsync.sync.operation import SignedOperation
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.devices import Device, load_device
from server.store.engine import reading
from server.store.quarantine import QuarantinedRecord, QuarantineState, find_quarantined
from server.store.tables import audit, disclosures, operations, visits
from server.workflow.import_rescue import import_rescue
from server.workflow.lift_hold import lift
from server.workflow.quarantine_operations import keep
from server.workflow.read_operation import read_each
from server.workflow.review_operations import get_operation
from server.workflow.review_quarantine import (
    decide_quarantined,
    list_quarantined,
    quarantined_named,
)
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.handing_over import forked, hand_over, id_of, shut_out_with_a_visit
from tests.server.rescue_files import rescued, write
from tests.server.test_commands import call
from tests.server.test_push import count

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def copied(device: FieldDevice, give: CaseGiver, ana: Officer) -> SignedOperation:
    """A disclosure that a copy of Ana's device wrote, in quarantine."""
    give(ana)
    signed = forked(device)
    assert hand_over(device, signed).status_code == 200
    return signed


def _only(ctx: ServerContext) -> QuarantinedRecord:
    (kept,) = list_quarantined(ctx)
    return kept


def _holds(ctx: ServerContext) -> list[str]:
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return [hold.kind.value for hold in case.holds]


def _decide(ctx: ServerContext, kept: QuarantinedRecord, *, accept: bool) -> OutcomeKind:
    by, reason = "office:ben", "asked the officer"
    return decide_quarantined(ctx, kept.hash, accept=accept, reason=reason, by=by).kind


def test_taken_in_it_is_true(
    staffed: ServerContext, device: FieldDevice, copied: SignedOperation
) -> None:
    """The disclosure stands in the store beside the log, once, its exact bytes with it."""
    assert _decide(staffed, _only(staffed), accept=True) is OutcomeKind.ACCEPTED
    with reading(staffed.engine) as conn:
        rows = conn.execute(
            select(operations.c.seq, operations.c.body).order_by(operations.c.seq)
        ).all()
        named = conn.execute(select(disclosures.c.op_id)).scalars().all()
        decided = conn.execute(
            select(audit.c.actor).where(audit.c.action == "quarantine.accepted")
        ).scalar_one()
    assert [(row.seq, row.body == copied.body) for row in rows] == [(-1, True), (1, False)]
    assert (named, decided) == ([id_of(copied)], "office:ben")
    assert (_holds(staffed), list_quarantined(staffed)) == (["hardship"], [])
    told = {row["key"]: row for row in device.push(cursor=device.cursor).get_json()["changes"]}
    body = told[f"op_result:{id_of(copied)}"]["body"]
    assert (body["outcome"]["kind"], body["seq"]) == ("accepted", 1)


def test_refused_its_hold_ends(
    staffed: ServerContext, device: FieldDevice, copied: SignedOperation
) -> None:
    """Kept with name and reason, it has no effect any more, and the officer reads why."""
    kept = _only(staffed)
    assert _decide(staffed, kept, accept=False) is OutcomeKind.REJECTED
    assert (_holds(staffed), count(staffed, disclosures)) == ([], 0)
    after = quarantined_named(staffed, kept.hash)
    assert after is not None
    assert (after.state, after.reason) == (QuarantineState.REFUSED, "asked the officer")
    assert after.body == copied.body
    stored = get_operation(staffed, id_of(copied))
    assert stored.outcome.reason is not None
    assert stored.outcome.reason.code == "refused_by_office"
    told = {row["key"] for row in device.push(cursor=device.cursor).get_json()["changes"]}
    assert {f"op_result:{id_of(copied)}", "case:C-1"} <= told


@pytest.mark.usefixtures("copied")
def test_a_decision_on_quarantine_is_made_once(staffed: ServerContext) -> None:
    """Neither the second answer nor handing the record over again changes anything."""
    kept = _only(staffed)
    _decide(staffed, kept, accept=False)
    with pytest.raises(ConflictError) as twice:
        _decide(staffed, kept, accept=True)
    assert twice.value.code == "409.46"
    assert count(staffed, operations) == 2


def test_a_refused_record_stays_refused(
    staffed: ServerContext, device: FieldDevice, copied: SignedOperation
) -> None:
    """Handed over once more, it neither waits again nor stops collection again."""
    _decide(staffed, _only(staffed), accept=False)
    assert hand_over(device, copied).status_code == 200
    assert (list_quarantined(staffed), _holds(staffed)) == ([], [])


def test_records_are_taken_in_beside_the_log_in_order(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A revoked device's visit: its finish waits for its start, both are true in the end."""
    give(ana)
    start = shut_out_with_a_visit(staffed, device)
    finish = device.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(id_of(start),))
    hand_over(device, *device.journal)
    first, second = list_quarantined(staffed)
    assert _decide(staffed, second, accept=True) is OutcomeKind.HELD
    assert _decide(staffed, first, accept=True) is OutcomeKind.ACCEPTED
    assert get_operation(staffed, finish.op_id).outcome.kind is OutcomeKind.ACCEPTED
    with reading(staffed.engine) as conn:
        places = conn.execute(select(operations.c.seq).order_by(operations.c.seq.desc()))
        assert list(places.scalars()) == [-1, -2]
        assert conn.execute(select(visits.c.outcome)).scalar_one() == "MET_DEBTOR"


def test_what_depends_on_a_refused_record_comes_before_a_person(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Nothing waits for ever: with its start refused, the finish goes to review."""
    give(ana)
    start = shut_out_with_a_visit(staffed, device)
    finish = device.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(id_of(start),))
    hand_over(device, *device.journal)
    first, second = list_quarantined(staffed)
    _decide(staffed, second, accept=True)
    _decide(staffed, first, accept=False)
    assert get_operation(staffed, finish.op_id).outcome.kind is OutcomeKind.IN_REVIEW


def test_taken_in_it_is_judged_by_the_rules(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Who takes it in says that it came, not that it is right: a night visit goes to review."""
    give(ana)
    shut_out_with_a_visit(staffed, device)
    night = device.clock.now().replace(hour=23)
    device.record("visit.start", "C-1", visit_start("V-2", "E1001", "E1002"), at=night)
    hand_over(device, device.journal[-1])
    assert _decide(staffed, _only(staffed), accept=True) is OutcomeKind.IN_REVIEW


def test_an_id_that_is_used_can_only_be_refused(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Another body under an id of the log: refusing it leaves the log's own record and hold alone."""
    give(ana)
    before = device.head
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    operation = device.record("hardship.disclose", "C-1", told)
    device.sync()
    device.head = before

    sealed = device.seal(dataclasses.replace(operation, payload={**told, "told_by": "family"}))
    hand_over(device, sealed)
    kept = _only(staffed)
    assert kept.is_id_taken
    with pytest.raises(ConflictError) as clash:
        _decide(staffed, kept, accept=True)
    assert clash.value.code == "409.71"
    assert _decide(staffed, kept, accept=False) is OutcomeKind.REJECTED
    assert get_operation(staffed, operation.op_id).outcome.kind is OutcomeKind.ACCEPTED
    assert (_holds(staffed), list_quarantined(staffed)) == (["hardship"], [])


def test_a_record_that_comes_in_its_log_after_all(
    staffed: ServerContext, device: FieldDevice
) -> None:
    """It leaves quarantine by itself: what the log holds needs no decision."""
    device.record("visit.note", None, {})
    hand_over(device, *device.journal)
    device.sync()
    assert list_quarantined(staffed) == []
    with reading(staffed.engine) as conn:
        assert [kept.state for kept in find_quarantined(conn)] == [QuarantineState.ARRIVED]


def test_a_record_taken_in_comes_to_its_place(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G1: taken in first and pushed later, it is stored once, and the push is not stopped by it."""
    give(ana)
    for text in ("one", "two"):
        device.record("visit.note", "C-1", {"visit_id": "V-1", "text": text})
    hand_over(device, device.journal[1])
    assert _decide(staffed, _only(staffed), accept=True) is OutcomeKind.ACCEPTED
    results = device.sync().results
    assert [r.outcome.kind for r in results] == [OutcomeKind.ACCEPTED] * 2
    with reading(staffed.engine) as conn:
        places = conn.execute(select(operations.c.seq).order_by(operations.c.seq))
        assert list(places.scalars()) == [1, 2]


@pytest.mark.usefixtures("copied")
def test_its_hold_is_not_lifted_before_it_is_decided(staffed: ServerContext) -> None:
    """As with records in review: the record first, then the hold."""
    assert _holds(staffed) == ["hardship"]
    with pytest.raises(ConflictError) as early:
        lift(staffed, "C-1", reason="well again", by="office:ben")
    assert early.value.code == "409.54"
    _decide(staffed, _only(staffed), accept=True)
    lift(staffed, "C-1", reason="well again", by="office:ben")
    assert _holds(staffed) == []


def test_the_office_lists_shows_and_decides_on_quarantine(
    staffed: ServerContext, copied: SignedOperation, capsys: Captured
) -> None:
    """As a person does it: the group with its cause in words, the record, the decision by its hash."""
    home = staffed.config.home
    assert call(home, "review", "list", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["state"], line["cause"], line["borrower"]) == ("quarantined", "forked", "李梅")
    name = line["hash"][-8:]
    for language, words in (("en", "copied device"), ("zh-CN", "设备的副本")):
        assert call(home, "review", "list", language=language) == 0
        out = capsys.readouterr().out
        assert (name in out, words in out) == (True, True), out
    call(home, "doctor")
    assert "review list --state quarantined" in capsys.readouterr().out
    assert call(home, "show", "device", line["device_id"], "--json") == 0
    assert json.loads(capsys.readouterr().out)["quarantined"] == 1
    assert call(home, "show", "device", line["device_id"]) == 0
    assert "In quarantine: 1" in capsys.readouterr().out
    assert call(home, "review", "show", name) == 0
    assert "Needs" in capsys.readouterr().out
    assert call(home, "review", "show", id_of(copied), "--json") == 0
    assert json.loads(capsys.readouterr().out)["hash"] == line["hash"]
    assert call(home, "review", "accept", name, "--reason", "true", "--by", "Zhou") == 0
    assert "accepted" in capsys.readouterr().out
    assert call(home, "review", "refuse", name, "--reason", "no") == EXIT_CONFLICT
    capsys.readouterr()
    assert call(home, "review", "list", "--state", "quarantined") == 0
    assert capsys.readouterr().out == ""


def test_handed_over_imported_and_decided_at_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, tmp_path: Path
) -> None:
    """Whoever comes first, each record is kept once, decided once, and never stored twice."""
    give(ana)
    forked(device)
    for number in range(6):
        told = {"visit_id": "V-1", "text": f"remark {number}"}
        device.record("visit.note", "C-1", told)
    signed = device.journal[1:]
    path = write(tmp_path / "rescue.json", rescued(device))
    keys = read_each(_enrolled_as(staffed, device), signed)

    def by_hand(kept: QuarantinedRecord) -> str:
        try:
            return str(_decide(staffed, kept, accept=True))
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        handed = [
            pool.submit(keep, staffed, _enrolled_as(staffed, device), keys, device.clock.now())
            for _time in range(3)
        ]
        imported = [pool.submit(import_rescue, staffed, path, dry_run=False) for _time in range(2)]
        assert [part.exception() for part in handed] == [None] * 3
        assert [part.exception() for part in imported] == [None] * 2
        waiting = list_quarantined(staffed)
        decided = list(pool.map(by_hand, [*waiting, *waiting]))
    assert len(waiting) == len(signed)
    assert sorted(decided) == ["409.46"] * len(signed) + ["accepted"] * len(signed)
    with reading(staffed.engine) as conn:
        places = conn.execute(select(operations.c.seq).order_by(operations.c.seq)).scalars()
        assert list(places) == [*range(-len(signed), 0), 1]


def _enrolled_as(ctx: ServerContext, device: FieldDevice) -> Device:
    with reading(ctx.engine) as conn:
        found = load_device(conn, device.device_id)
    assert found is not None
    return found


def test_ends_that_name_several_are_asked_again(
    staffed: ServerContext, device: FieldDevice, copied: SignedOperation
) -> None:
    """Ids of one device may end alike; a hash names one record."""
    kept = _only(staffed)
    assert quarantined_named(staffed, kept.hash[-8:]) == kept
    assert quarantined_named(staffed, kept.hash[-3:]) is None
    assert quarantined_named(staffed, "nothing-of-the-kind") is None
    twin = device.record("visit.note", "C-1", {})

    same_end = twin.op_id[:-12] + id_of(copied)[-12:]
    hand_over(device, device.seal(dataclasses.replace(twin, op_id=same_end)))
    with pytest.raises(ConflictError) as several:
        quarantined_named(staffed, same_end[-8:])
    assert several.value.code == "409.51"
