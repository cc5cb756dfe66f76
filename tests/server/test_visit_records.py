"""Steps, stops and evidence of a visit on the server: what is kept, what is stopped, what is a breach."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fieldsync.domain.case import HoldKind
from fieldsync.domain.officer import Officer
from fieldsync.domain.visit import StopCause
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.conduct_tables import evidence
from server.store.engine import reading
from server.store.visits import StoredVisit, visit_of
from server.workflow.review_operations import decide
from tests.server.case_files import visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.door_records import CREW, captured, step, stop
from tests.server.field_device import FieldDevice
from tests.server.test_conduct_on_receipt import code_of


def reasons(device: FieldDevice) -> list[str | None]:
    """Why a person is asked about each record of the journal; None where it was accepted."""
    return [code_of(result.outcome) for result in device.sync().results]


def kept(ctx: ServerContext, visit_id: str = "V-1") -> StoredVisit:
    """The visit as the server tells it."""
    with reading(ctx.engine) as conn:
        visit = visit_of(conn, visit_id)
    assert visit is not None
    return visit


def record_visit(
    device: FieldDevice, *steps: dict[str, Any], finish: dict[str, Any] | None = None
) -> None:
    """A visit by Ana and Ben with these steps (or stops)."""
    begun = device.record("visit.start", "C-1", visit_start("V-1", *CREW))
    for one in steps:
        kind = "visit.step" if "step" in one else "visit.stop"
        device.record(kind, "C-1", one, depends_on=(begun.op_id,))
    if finish is not None:
        device.record("visit.finish", "C-1", finish, depends_on=(begun.op_id,))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["identity_shown", "entry_agreed", "entered", "papers_handed_over"], [None] * 5),
        (["identity_shown", "entered"], [None, None, "rule.CN-ENTRY"]),
        (["identity_shown", "entered", "entry_agreed"], [None, None, "rule.CN-ENTRY", None]),
        (["identity_shown", "papers_handed_over"], [None] * 3),
    ],
)
def test_nobody_enters_without_consent(
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    names: list[str],
    expected: list[str | None],
) -> None:
    """The consent comes before the step over the threshold; a step without it is kept and looked at."""
    give(ana)
    record_visit(device, *(step("V-1", name) for name in names))
    assert reasons(device) == expected


def test_a_consent_of_another_visit_opens_no_door(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Who let them in last time has not let them in this time."""
    give(ana)
    record_visit(device, step("V-1", "entry_agreed"), finish=visit_finish("V-1", "NOBODY"))
    device.record("visit.start", "C-1", visit_start("V-2", *CREW))
    device.record("visit.step", "C-1", step("V-2", "entered"))
    assert reasons(device)[-1] == "rule.CN-ENTRY"


def test_an_identity_shown_at_its_step_counts_at_the_end(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The step is the record; the finish need not say it again."""
    give(ana)
    finish = {**visit_finish("V-1"), "identity_shown": False}
    record_visit(device, step("V-1", "identity_shown"), finish=finish)
    assert reasons(device) == [None] * 3
    assert kept(staffed).identity_shown


@pytest.mark.parametrize("cause", list(StopCause))
def test_a_stop_holds_the_case_at_once_on_every_device(
    staffed: ServerContext,
    enrolled: DeviceMaker,
    give: CaseGiver,
    ana: Officer,
    ben: Officer,
    cause: StopCause,
) -> None:
    """Whatever the cause, the office answers before anybody goes again; the visit tells when and why."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    finish = {**visit_finish("V-1", "ASKED_TO_LEAVE"), "exit_seconds": 40, "overrun_s": 0}
    record_visit(hers, step("V-1", "identity_shown"), stop("V-1", cause.value), finish=finish)
    assert reasons(hers) == [None] * 4
    (row,) = [row for row in his.sync().changes if row.key == "case:C-1"]
    assert row.body is not None
    (hold,) = row.body["holds"]
    assert (hold["kind"], hold["source"]) == (HoldKind.OFFICE, "visit:V-1")
    assert kept(staffed).stop_cause is cause


@pytest.mark.parametrize("how", ["not theirs", "malformed", "unknown visit", "in the future"])
def test_a_stop_stops_whatever_becomes_of_its_record(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    ben: Officer,
    how: str,
) -> None:
    """To stop is never wrong: whether the record is in order is asked afterwards."""
    give(ben if how == "not theirs" else ana)
    payload = stop("V-9") if how != "malformed" else {"visit_id": "V-9", "cause": "bored"}
    at = device.clock.now() + timedelta(days=3 if how == "in the future" else 0)
    device.record("visit.stop", "C-1", payload, at=at)
    (result,) = device.sync().results
    assert result.outcome.kind in {OutcomeKind.ACCEPTED, OutcomeKind.IN_REVIEW}
    with reading(staffed.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    assert [hold.kind for hold in case.holds] == [HoldKind.OFFICE]


def test_after_a_stop_nothing_but_the_way_out(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Any step after it is kept and looked at; the way out is not."""
    give(ana)
    record_visit(
        device,
        step("V-1", "identity_shown"),
        step("V-1", "entry_agreed"),
        stop("V-1", "distress"),
        step("V-1", "papers_handed_over"),
        step("V-1", "entered"),
        finish=visit_finish("V-1", "ABORTED_RULE"),
    )
    found = reasons(device)
    assert found[:4] == [None] * 4
    assert found[4:6] == ["rule.HOUSE-LEAVE"] * 2
    assert found[6] is None


def test_a_stop_waits_for_nothing_and_is_told_with_the_visit(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The start is in review when the stop comes; once a person accepts it, the visit tells of its stop."""
    give(ana)
    late = device.clock.now().replace(hour=22, minute=30)
    begun = device.record("visit.start", "C-1", visit_start("V-1", *CREW), at=late)
    device.record("visit.stop", "C-1", stop("V-1"), at=late + timedelta(minutes=5))
    out = late + timedelta(minutes=6)
    finish = {**visit_finish("V-1", "ASKED_TO_LEAVE"), "exit_seconds": 60, "overrun_s": 0}
    device.record("visit.finish", "C-1", finish, at=out, depends_on=(begun.op_id,))
    kinds = [result.outcome.kind for result in device.sync().results]
    assert kinds == [OutcomeKind.IN_REVIEW, OutcomeKind.ACCEPTED, OutcomeKind.HELD]
    decide(staffed, begun.op_id, accept=True, reason="asked to come late", by="office")
    visit = kept(staffed)
    assert visit.stop_cause is StopCause.ASKED_TO_LEAVE
    assert visit.finished_at == out


@pytest.mark.parametrize(
    ("begun_at", "over_at", "reason"),
    [((21, 30), (21, 59), None), ((21, 30), (22, 0), "rule.CN-HOURS")],
)
def test_a_visit_that_runs_over_is_kept_and_flagged(
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    begun_at: tuple[int, int],
    over_at: tuple[int, int],
    reason: str | None,
) -> None:
    """Begun at half past nine in the evening in Shenzhen, it is over before ten."""
    give(ana)
    now = device.clock.now()
    start, end = (
        now.replace(hour=h, minute=m, second=0, microsecond=0) for h, m in (begun_at, over_at)
    )
    begun = device.record("visit.start", "C-1", visit_start("V-1", *CREW), at=start)
    finish = {**visit_finish("V-1"), "exit_seconds": None, "overrun_s": 0}
    device.record("visit.finish", "C-1", finish, at=end, depends_on=(begun.op_id,))
    assert reasons(device) == [None, reason]


def test_evidence_is_kept_with_its_visit(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Held until its file is here; without consent its place is not written down, and a person looks."""
    give(ana)
    photo, now = b"photo", device.clock.now()
    sha256 = hashlib.sha256(photo).hexdigest()
    place = {"lat": 22.5, "lon": 113.9, "accuracy_m": 12.0, "consent_at": now.isoformat()}
    record_visit(device)
    device.record("visit.evidence", "C-1", captured("V-1", sha256, now, place))
    no_consent = captured("V-1", sha256, now, {**place, "consent_at": None})
    wrong = device.record("visit.evidence", "C-1", no_consent)
    device.record("visit.evidence", "C-1", captured("V-1", sha256, now), files=(photo,))
    results = device.sync().results
    assert [r.outcome.kind for r in results][1:] == [
        OutcomeKind.ACCEPTED,
        OutcomeKind.IN_REVIEW,
        OutcomeKind.HELD,
    ]
    assert code_of(results[2].outcome) == "rule.CN-SENSITIVE"
    decide(staffed, wrong.op_id, accept=True, reason="the photo itself is fine", by="office")
    with reading(staffed.engine) as conn:
        bodies = list(conn.execute(select(evidence.c.body).order_by(evidence.c.op_id)).scalars())
    assert ['"lat":22.5' in body for body in bodies] == [True, False]


def test_a_partner_is_told_of_a_visit_under_way(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """With its expected end, even where the record is for a person; gone when the visit is over."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    until = (hers.clock.now() + timedelta(minutes=30)).isoformat()
    start = {**visit_start("V-1", *CREW), "expected_end": until}
    begun = hers.record("visit.start", "C-1", start)
    told = [row for row in hers.sync().changes if row.key.startswith("visit:")]
    assert told == []
    (row,) = [row for row in his.sync().changes if row.key == "visit:V-1"]
    assert row.body == {
        "visit_id": "V-1",
        "case_id": "C-1",
        "officers": list(CREW),
        "started_at": begun.occurred_at.isoformat(),
        "expected_end": until,
    }
    hers.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(begun.op_id,))
    hers.sync()
    (gone,) = [row for row in his.sync().changes if row.key == "visit:V-1"]
    assert gone.op is FeedOp.REMOVE


def test_a_visit_that_is_over_or_long_ago_is_not_told(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """A day that comes up whole in the evening sends nobody looking for anybody."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    record_visit(hers, finish=visit_finish("V-1", "NOBODY"))
    long_ago = hers.clock.now() - timedelta(days=2)
    hers.record("visit.start", "C-1", visit_start("V-2", *CREW), at=long_ago)
    hers.sync()
    assert [row.key for row in his.sync().changes if row.key.startswith("visit:")] == []


def test_a_start_that_is_refused_is_taken_off_the_partners_device(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """What the office says never happened needs nobody's care."""
    give(ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    begun = hers.record("visit.start", "C-1", visit_start("V-1", *CREW))
    assert reasons(hers) == ["out_of_scope"]
    assert "visit:V-1" in [row.key for row in his.sync().changes]
    decide(staffed, begun.op_id, accept=False, reason="a slip of the pen", by="office")
    assert ("visit:V-1", FeedOp.REMOVE) in [(row.key, row.op) for row in his.sync().changes]
