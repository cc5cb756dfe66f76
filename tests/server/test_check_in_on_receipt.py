"""Who was at the door is proved again on receipt, by keys that officers published themselves."""

from typing import Any

import pytest

from fieldsync.domain.officer import Officer
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.engine import reading
from server.store.officers import check_in_keys
from server.workflow.review_operations import decide
from tests.server.case_files import visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.door_records import CREW, check_in_key, proof, proved_start
from tests.server.field_device import FieldDevice
from tests.server.test_conduct_on_receipt import code_of

ANA, BEN = CREW


def publish_key(device: FieldDevice, officer_id: str, nth: int = 1) -> str | None:
    """The device's officer publishes a key; the reason's code where a person is asked."""
    device.record("officer.check_in_key", None, check_in_key(officer_id, nth))
    return code_of(device.sync().results[-1].outcome)


def begin(device: FieldDevice, payload: dict[str, Any]) -> str | None:
    """A visit begins; the reason's code where a person is asked."""
    device.record("visit.start", "C-1", payload)
    return code_of(device.sync().results[-1].outcome)


@pytest.fixture
def pair(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> tuple[FieldDevice, FieldDevice]:
    """Ana's and Ben's devices, who share a case and have both published a key."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    assert publish_key(hers, ANA) is None
    assert publish_key(his, BEN) is None
    return hers, his


@pytest.mark.parametrize(
    ("proofs", "reason"),
    [
        ([proof("V-1", ANA), proof("V-1", BEN)], None),
        ([proof("V-1", BEN), proof("V-1", ANA)], None),
        ([proof("V-1", ANA)], "rule.CN-TWO-PERSONS"),
        ([proof("V-1", ANA), proof("V-1", ANA)], "rule.CN-TWO-PERSONS"),
        ([proof("V-1", ANA), proof("V-2", BEN)], "rule.CN-TWO-PERSONS"),
        ([proof("V-1", ANA), proof("V-1", BEN, case_id="C-2")], "rule.CN-TWO-PERSONS"),
        ([proof("V-1", ANA), {**proof("V-1", ANA), "officer_id": BEN}], "rule.CN-TWO-PERSONS"),
        ([proof("V-1", ANA), proof("V-1", BEN, 2)], "rule.CN-TWO-PERSONS"),
        ([], "rule.CN-TWO-PERSONS"),
    ],
)
def test_each_officer_proves_that_they_were_there(
    pair: tuple[FieldDevice, FieldDevice], proofs: list[dict[str, str]], reason: str | None
) -> None:
    """A proof of another visit, case, officer or secret proves nothing; the record is kept for a person."""
    assert begin(pair[0], proved_start("V-1", *proofs)) == reason


def test_who_is_not_proved_is_named(pair: tuple[FieldDevice, FieldDevice]) -> None:
    """The reviewer reads whose check-in is missing."""
    pair[0].record("visit.start", "C-1", proved_start("V-1", proof("V-1", ANA)))
    reason = pair[0].sync().results[-1].outcome.reason
    assert reason is not None
    assert "E1002" in reason.message["en"]
    assert "E1002" in reason.message["zh-CN"]


def test_a_start_without_proofs_counts_as_before_until_a_key_is_known(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Older programs send none: the sender's device signs for her, the partner counts until he has a key."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    assert publish_key(hers, ANA) is None
    assert begin(hers, visit_start("V-1", *CREW)) is None
    assert publish_key(his, BEN) is None
    assert begin(hers, visit_start("V-2", *CREW)) == "rule.CN-TWO-PERSONS"


def test_a_key_is_published_for_oneself_alone(
    staffed: ServerContext, enrolled: DeviceMaker, ana: Officer
) -> None:
    """Ana's device cannot make Ben's key: a person decides, and until then he has none."""
    hers = enrolled(ana, "ana")
    assert publish_key(hers, BEN) == "not_own_key"
    with reading(staffed.engine) as conn:
        assert check_in_keys(conn, CREW) == {}


def test_a_new_secret_leaves_earlier_visits_proved(pair: tuple[FieldDevice, FieldDevice]) -> None:
    """Ben changes his secret; what was proved by the old one stays so, and soon it opens nothing any more."""
    hers, his = pair
    hers.record("visit.start", "C-1", proved_start("V-1", proof("V-1", ANA), proof("V-1", BEN)))
    hers.clock.go_on(hours=1)
    assert publish_key(his, BEN, 2) is None
    assert code_of(hers.sync().results[-1].outcome) is None
    hers.clock.go_on(days=3)
    old = begin(hers, proved_start("V-2", proof("V-2", ANA), proof("V-2", BEN)))
    assert old == "rule.CN-TWO-PERSONS"
    assert begin(hers, proved_start("V-3", proof("V-3", ANA), proof("V-3", BEN, 2))) is None


def test_colleagues_get_the_key_with_the_roster(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer, cy: Officer
) -> None:
    """In the exchange after it arrived, once; another branch hears nothing, a second time changes nothing."""
    give(ana, ben)
    hers, his, far = enrolled(ana, "ana"), enrolled(ben, "ben"), enrolled(cy, "cy")
    for device in (hers, his, far):
        device.sync()
    hers.record("officer.check_in_key", None, check_in_key(ANA))
    hers.sync()
    (row,) = his.sync().changes
    assert (row.key, row.op) == ("roster:SZ-NANSHAN", FeedOp.PUT)
    assert row.body is not None
    keys = {o["officer_id"]: o.get("check_in_key") for o in row.body["officers"]}
    assert keys == {ANA: check_in_key(ANA), BEN: None}
    assert "lender" in row.body
    assert far.sync().changes == ()
    hers.record("officer.check_in_key", None, check_in_key(ANA))
    hers.sync()
    assert his.sync().changes == ()


def test_a_person_may_take_in_a_key(
    staffed: ServerContext, enrolled: DeviceMaker, ana: Officer, ben: Officer
) -> None:
    """Accepted by the office, it counts and the branch learns it."""
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    his.sync()
    made = hers.record("officer.check_in_key", None, check_in_key(BEN))
    hers.sync()
    decided = decide(staffed, made.op_id, accept=True, reason="he sat beside her", by="office")
    assert decided.outcome.kind is OutcomeKind.ACCEPTED
    (row,) = his.sync().changes
    assert row.body is not None
    assert row.body["officers"][1]["check_in_key"] == check_in_key(BEN)
