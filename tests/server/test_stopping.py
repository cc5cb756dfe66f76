"""Collection stops the moment a record says why, whoever sent it, and stays so until a person decides."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.visit_outcomes import STOPPING_OUTCOMES
from fieldsync.domain.case import HoldKind
from fieldsync.domain.officer import Officer
from fieldsync.domain.visit import OutcomeCode
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading, writing
from server.store.tables import disclosures, holds
from server.workflow.assess_eligibility import assess_branch
from server.workflow.review_operations import decide, get_operation
from tests.server.branch_day import TOMORROW
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def held(ctx: ServerContext) -> list[HoldKind]:
    """The kinds of the holds on the case."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return [hold.kind for hold in case.holds]


def refusals_tomorrow(ctx: ServerContext) -> set[str]:
    """The rules for which the planner leaves the case at home."""
    with writing(ctx.engine) as conn:
        (one,) = assess_branch(conn, "SZ-NANSHAN", TOMORROW, builtin_rulesets(), ctx.clock.now())
    assert not one.eligibility.eligible
    return {finding.rule for finding in one.eligibility.reasons}


def told(device: FieldDevice) -> str:
    """Record a hardship on the case; the record's id."""
    payload = disclosure(device.new_id(), "C-1", device.clock.now())
    return device.record("hardship.disclose", "C-1", payload).op_id


def holds_on(rows: Sequence[object]) -> list[str]:
    """The kinds of the holds in the one case row among feed rows."""
    (body,) = [getattr(row, "body", None) for row in rows if getattr(row, "key", "") == "case:C-1"]
    assert body is not None
    return [hold["kind"] for hold in body["holds"]]


@pytest.mark.parametrize("sender", ["ben", "cy"])
def test_a_disclosure_from_outside_the_scope_stops_collection_at_once(
    staffed: ServerContext,
    enrolled: DeviceMaker,
    give: CaseGiver,
    request: pytest.FixtureRequest,
    ana: Officer,
    sender: str,
) -> None:
    """A colleague's case or another branch's: held everywhere at once, and a person looks at it too."""
    give(ana)
    officer: Officer = request.getfixturevalue(sender)
    theirs, hers = enrolled(officer, sender), enrolled(ana, "ana")
    hers.sync()
    op_id = told(theirs)
    answer = theirs.sync()
    assert answer.results[0].outcome.kind is OutcomeKind.IN_REVIEW
    assert answer.results[0].outcome.reason is not None
    assert answer.results[0].outcome.reason.code == "out_of_scope"
    assert not [row for row in answer.changes if row.key.startswith("case:")]
    assert holds_on(hers.sync().changes) == ["hardship"]
    assert "HOUSE-HARDSHIP" in refusals_tomorrow(staffed)
    decide(staffed, op_id, accept=True, reason="she knew him", by="office:ben")
    assert held(staffed) == [HoldKind.HARDSHIP]
    with reading(staffed.engine) as conn:
        assert conn.execute(select(disclosures.c.op_id)).scalars().all() == [op_id]


def test_refusing_the_record_ends_its_hold(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """The person who refuses is the one who lifts, with the reason, and devices hear of it."""
    give(ana)
    his, hers = enrolled(ben, "ben"), enrolled(ana, "ana")
    op_id = told(his)
    his.sync()
    hers.sync()
    decide(staffed, op_id, accept=False, reason="meant for another case", by="office:cy")
    assert held(staffed) == []
    assert holds_on(hers.sync().changes) == []
    with reading(staffed.engine) as conn:
        row = conn.execute(select(holds)).one()
    assert row.lifted_by == "office:cy"
    assert "meant for another case" in row.lifted_reason


def test_a_disclosure_that_cannot_be_read_stops_collection_too(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Fields of a newer program, a spoilt list: the hold stands, and a person reads what is there."""
    give(ana)
    operation = device.record("hardship.disclose", "C-1", {"needs": "rest"})
    (result,) = device.sync().results
    assert result.outcome.kind is OutcomeKind.IN_REVIEW
    assert held(staffed) == [HoldKind.HARDSHIP]
    decide(staffed, operation.op_id, accept=True, reason="he is ill", by="office:ben")
    assert held(staffed) == [HoldKind.HARDSHIP]


def test_an_unknown_case_cannot_be_held(staffed: ServerContext, device: FieldDevice) -> None:
    """Where there is no such case the record is kept and rejected, and nothing else happens."""
    told(device)
    assert device.sync().results[0].outcome.kind is OutcomeKind.REJECTED
    with reading(staffed.engine) as conn:
        assert conn.execute(select(holds)).all() == []


@pytest.mark.parametrize("outcome", sorted(STOPPING_OUTCOMES))
def test_an_outcome_that_stops_collection_holds_the_case(
    staffed: ServerContext,
    enrolled: DeviceMaker,
    give: CaseGiver,
    ana: Officer,
    ben: Officer,
    outcome: OutcomeCode,
) -> None:
    """What was said at the door lasts beyond the device: partner and planner stop as well."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    start = hers.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    finish = visit_finish("V-1", outcome.value)
    hers.record("visit.finish", "C-1", finish, depends_on=(start.op_id,))
    assert [r.outcome.kind for r in hers.sync().results] == [OutcomeKind.ACCEPTED] * 2
    kind = STOPPING_OUTCOMES[outcome]
    assert held(staffed) == [kind]
    assert holds_on(his.sync().changes) == [kind.value]
    rule = "HOUSE-HARDSHIP" if kind is HoldKind.HARDSHIP else "HOUSE-HOLD"
    assert rule in refusals_tomorrow(staffed)


def test_the_hold_does_not_wait_for_a_person(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A dispute told on a visit that began too early: the visit is reviewed, collection has stopped."""
    give(ana)
    night = device.clock.now().replace(hour=5)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"), at=night)
    finish = visit_finish("V-1", "DISPUTE")
    late = device.record("visit.finish", "C-1", finish, at=night, depends_on=(start.op_id,))
    device.sync()
    assert get_operation(staffed, late.op_id).outcome.kind is OutcomeKind.HELD
    assert held(staffed) == [HoldKind.DISPUTE]
    decide(staffed, start.op_id, accept=True, reason="he rang us", by="office:ben")
    assert get_operation(staffed, late.op_id).outcome.kind is OutcomeKind.ACCEPTED
    assert held(staffed) == [HoldKind.DISPUTE]
