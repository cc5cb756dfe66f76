"""Accepted visits are contact history: caps, promises and wrong addresses bind from the next plan on."""

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.eligibility import Eligibility, assess
from fieldsync.conduct.visit_outcomes import WRONG_ADDRESS, reached_by
from fieldsync.domain.bank_parts import joined
from fieldsync.domain.case import Case, Channel, Reached
from fieldsync.domain.officer import Officer
from fieldsync.domain.visit import OutcomeCode
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import body_of, load_bank_parts, load_case, stored_hashes
from server.store.engine import reading
from tests.server.branch_day import TOMORROW
from tests.server.case_files import case_file, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def visit(
    device: FieldDevice, visit_id: str, outcome: str, *, at: datetime | None = None, **facts: Any
) -> None:
    """A visit by Ana and Ben from start to end."""
    start = visit_start(visit_id, "E1001", "E1002")
    begun = device.record("visit.start", "C-1", start, at=at)
    finish = {**visit_finish(visit_id, outcome), **facts}
    device.record("visit.finish", "C-1", finish, at=at, depends_on=(begun.op_id,))


def stored(ctx: ServerContext) -> Case:
    """The case as the server holds it."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return case


def tomorrow(ctx: ServerContext, days: int = 0) -> Eligibility:
    """The answer for tomorrow, or some days later."""
    return assess(stored(ctx), TOMORROW + timedelta(days=days), builtin_rulesets())


def rules(eligibility: Eligibility) -> set[str]:
    """The rules that keep the case off the road."""
    return {finding.rule for finding in eligibility.reasons}


def test_a_conversation_at_the_door_counts_for_seven_days(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Whoever was spoken to today is not visited tomorrow, nor by another pair."""
    give(ana)
    assert tomorrow(staffed).eligible
    visit(device, "V-1", "MET_DEBTOR")
    (row,) = [row for row in device.sync().changes if row.key == "case:C-1"]
    assert row.body is not None
    assert row.body["contacts"][-1]["channel"] == "visit"
    assert rules(tomorrow(staffed)) == {"HOUSE-CONVERSED-7"}
    assert tomorrow(staffed, days=6).eligible


def test_three_visits_are_enough(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Nobody home three times, and the fourth visit is off; one never finished counts as well."""
    give(ana)
    morning = device.clock.now() - timedelta(days=3)
    visit(device, "V-1", "NOBODY", at=morning)
    visit(device, "V-2", "NOBODY", at=morning + timedelta(days=1))
    device.sync()
    assert tomorrow(staffed).eligible
    device.record("visit.start", "C-1", visit_start("V-3", "E1001", "E1002"))
    device.sync()
    assert rules(tomorrow(staffed)) == {"HOUSE-VISITS-3"}


def test_a_promise_is_waited_for(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A promise made at the door is open until its day has passed."""
    give(ana)
    promise = {"date": "2026-12-05", "amount_minor": 80_000, "currency": "CNY"}
    visit(device, "V-1", "PTP", promise=promise)
    device.sync()
    assert stored(staffed).contacts[-1].promise_until == date(2026, 12, 5)
    assert "HOUSE-PROMISE" in rules(tomorrow(staffed, days=8))
    assert tomorrow(staffed, days=11).eligible


@pytest.mark.parametrize("outcome", sorted(WRONG_ADDRESS))
def test_a_wrong_address_is_not_tried_again(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, outcome: OutcomeCode
) -> None:
    """The address stays invalid through the bank's next book, until the bank corrects it."""
    case = give(ana)
    visit(device, "V-1", outcome.value)
    device.sync()
    assert [a.invalid for a in stored(staffed).addresses] == [True]
    assert rules(tomorrow(staffed)) == {"HOUSE-ADDRESS"}
    with reading(staffed.engine) as conn:
        known = load_bank_parts(conn, ["C-1"])["C-1"]
        body_hash, _version = stored_hashes(conn, ["C-1"])["C-1"]
    assert body_of(joined(case, known))[1] == body_hash
    moved = dataclasses.replace(case.addresses[0], text="南山区2号")
    corrected = joined(dataclasses.replace(case, addresses=(moved,)), known)
    assert [a.invalid for a in corrected.addresses] == [False]


def test_visits_stay_out_of_the_banks_part(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The same book again finds nothing changed, and no visit is counted twice."""
    case = give(ana)
    visit(device, "V-1", "NOBODY")
    device.sync()
    with reading(staffed.engine) as conn:
        assert load_bank_parts(conn, ["C-1"])["C-1"].contacts == case.contacts
    assert len(stored(staffed).contacts) == len(case.contacts) + 1


def test_a_visit_before_the_conversation_is_judged_without_it(
    enrolled: DeviceMaker, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """What happened at noon does not make the morning's visit wrong, though this one is told later."""
    give(ana, ben)
    noon = device.clock.now() + timedelta(hours=2)
    his = enrolled(ben, "ben")
    visit(his, "V-2", "MET_DEBTOR", at=noon)
    told = [result.outcome.kind for result in his.sync().results]
    assert told == [OutcomeKind.ACCEPTED] * 2
    visit(device, "V-1", "NOBODY", at=noon - timedelta(hours=2))
    visit(device, "V-3", "NOBODY", at=noon + timedelta(hours=2))
    kinds = [result.outcome.kind for result in device.sync().results]
    assert kinds[:2] == [OutcomeKind.ACCEPTED] * 2
    assert kinds[2] is OutcomeKind.IN_REVIEW


def test_every_outcome_says_whom_it_reached() -> None:
    """An outcome in which somebody was met reached the borrower or somebody else, the others nobody."""
    from fieldsync.domain.visit import FACE_TO_FACE

    for outcome in OutcomeCode:
        assert (reached_by(outcome) is not Reached.NONE) == (outcome in FACE_TO_FACE), outcome
    assert reached_by(None) is Reached.NONE
    assert Channel.VISIT not in {attempt.channel for attempt in case_file().contacts}
