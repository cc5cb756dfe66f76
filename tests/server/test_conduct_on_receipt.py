"""The rules a third time, on receipt: who was at the door, what was shown, what others were told."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldsync.domain.officer import Officer
from fieldsync.sync.outcome import Outcome, OutcomeKind
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import audit, operations
from server.workflow.review_operations import decide, get_operation
from tests.server.case_files import visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice


def code_of(outcome: Outcome) -> str | None:
    """The reason's code where a person is asked, None where it was accepted."""
    if outcome.kind is OutcomeKind.ACCEPTED:
        return None
    assert outcome.kind is OutcomeKind.IN_REVIEW
    assert outcome.reason is not None
    assert set(outcome.reason.message) == {"en", "zh-CN"}
    return outcome.reason.code


@pytest.mark.parametrize(
    ("officers", "reason"),
    [
        (("E1001", "E1002"), None),
        (("E1002", "E1001"), None),
        (("E1002", "E1003"), "officer_not_there"),
        (("E1001", "E1001"), "rule.CN-TWO-PERSONS"),
        (("E1001", "E2001"), "unknown_officer"),
        (("E1001", "X"), "unknown_officer"),
    ],
)
def test_two_officers_of_the_branch_are_at_the_door(
    device: FieldDevice, give: CaseGiver, ana: Officer, officers: tuple[str, str], reason: str
) -> None:
    """The device's own officer with a different colleague; any other crew is for a person."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V-1", *officers))
    assert code_of(device.sync().results[0].outcome) == reason


@pytest.mark.parametrize(
    ("outcome", "shown", "reason"),
    [
        ("MET_DEBTOR", True, None),
        ("MET_DEBTOR", False, "rule.CN-ID"),
        ("MET_SPOUSE", False, "rule.CN-ID"),
        ("NOBODY", False, None),
    ],
)
def test_an_identity_that_was_not_shown_is_seen(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    outcome: str,
    reason: str | None,
    *,
    shown: bool,
) -> None:
    """Where somebody was met the cards must have been shown; the record is kept and looked at."""
    give(ana)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    finish = {**visit_finish("V-1", outcome), "identity_shown": shown}
    ended = device.record("visit.finish", "C-1", finish, depends_on=(start.op_id,))
    assert code_of(device.sync().results[1].outcome) == reason
    if reason:
        with reading(staffed.engine) as conn:
            line = conn.execute(
                select(audit.c.detail).where(
                    audit.c.action == "rules.broken", audit.c.subject == ended.op_id
                )
            ).scalar_one()
        kept = json.loads(line)
        assert [one["rule"] for one in kept["findings"]] == ["CN-ID"]
        assert kept["packs"] == {pack.name: pack.version for pack in staffed.rulesets}
        decide(staffed, ended.op_id, accept=True, reason="talked to the pair", by="office:ben")
        assert get_operation(staffed, ended.op_id).outcome.kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    ("outcome", "note", "reason"),
    [
        ("MET_SPOUSE", "Told her that his loan is overdue", "rule.CN-THIRD-CONTENT"),
        ("MET_COLLEAGUE", "留言：请尽快还款", "rule.CN-THIRD-CONTENT"),
        ("MET_SPOUSE", "Asked her to have him call back", None),
        ("MET_DEBTOR", "Told him that the loan is overdue", None),
    ],
)
def test_words_about_the_debt_told_to_others_are_seen(
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    outcome: str,
    note: str,
    reason: str | None,
) -> None:
    """The notes of a visit at which somebody else was met are read by the same rule as at the door."""
    give(ana)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    device.record("visit.note", "C-1", {"visit_id": "V-0", "text": "another visit: overdue loan"})
    said = {"visit_id": "V-1", "text": note}
    device.record("visit.note", "C-1", said, depends_on=(start.op_id,))
    finish = visit_finish("V-1", outcome)
    device.record("visit.finish", "C-1", finish, depends_on=(start.op_id,))
    results = device.sync().results
    assert code_of(results[-1].outcome) == reason
    assert [r.outcome.kind for r in results[:-1]] == [OutcomeKind.ACCEPTED] * 3


def test_what_goes_to_review_is_kept_whole(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The bytes of a record under review are those of the journal."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V-1", "E1002", "E1003"))
    device.sync()
    with reading(staffed.engine) as conn:
        (row,) = conn.execute(operations.select()).all()
    assert (row.body, row.outcome) == (device.journal[0].body, "in_review")


@pytest.mark.parametrize(("days", "reason"), [(-1, "doubtful_promise"), (0, None), (30, None)])
def test_a_promise_for_a_day_that_was_over_is_for_a_person(
    device: FieldDevice, give: CaseGiver, ana: Officer, days: int, reason: str | None
) -> None:
    """Nobody can promise to pay yesterday: whatever device wrote it, a person asks back."""
    give(ana)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    day = device.clock.now().date() + timedelta(days=days)
    promise = {"date": day.isoformat(), "amount_minor": 5000, "currency": "CNY"}
    finish = {**visit_finish("V-1", "PTP"), "promise": promise}
    device.record("visit.finish", "C-1", finish, depends_on=(start.op_id,))
    assert code_of(device.sync().results[-1].outcome) == reason
