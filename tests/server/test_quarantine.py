"""Records that no log can take are kept once, proved by a receipt, and what stops collection stops it."""

import base64
import dataclasses
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from fieldsync.sync.messages import QUARANTINE_TAG
from fieldsync.sync.operation import SignedOperation, chain_hash
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import audit, blobs, operations, quarantine
from server.workflow import quarantine_operations
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice
from tests.server.handing_over import forked, hand_over, shut_out_with_a_visit
from tests.server.test_push import count

PICTURE = b"a small picture"


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _told(device: FieldDevice) -> set[str]:
    """The keys that the feed tells the device now, from where it had read."""
    answer = device.push(cursor=device.cursor)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {row["key"] for row in answer.get_json()["changes"]}


def _causes(ctx: ServerContext) -> list[str]:
    with reading(ctx.engine) as conn:
        return list(conn.execute(select(quarantine.c.cause)).scalars())


def test_a_forked_record_is_kept_and_stops_collection(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G9: the copy's disclosure enters no log, yet the hold stands at once, on the other side too."""
    give(ana)
    signed = forked(device)
    refused = device.push(signed).get_json()
    assert refused["code"] == "409.42"
    assert "quarantine" in refused["hint"]
    assert hand_over(device, signed).status_code == 200
    assert (_causes(staffed), count(staffed, operations)) == (["forked"], 1)
    with reading(staffed.engine) as conn:
        case = load_case(conn, "C-1")
        told = conn.execute(
            select(audit.c.detail).where(audit.c.action == "operations.quarantined")
        ).scalar_one()
    assert case is not None
    assert [hold.kind.value for hold in case.holds] == ["hardship"]
    assert json.loads(told) == {"count": 1, "cause": "forked"}
    assert "case:C-1" in _told(device)


def test_the_receipt_is_the_servers_word_on_every_hash(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Signed over its own tag, it names the device and each record: with it the device may let go."""
    give(ana)
    signed = forked(device)
    receipt = hand_over(device, signed, device.journal[0]).get_json()["receipt"]
    key = Ed25519PublicKey.from_public_bytes(_raw(device.server_key))
    key.verify(_raw(receipt["sig"]), QUARANTINE_TAG + receipt["body"].encode())
    body = json.loads(receipt["body"])
    assert body["device_id"] == device.device_id
    own = chain_hash(json.loads(signed.body)["prev_hash"], signed.body)
    stored = chain_hash(json.loads(device.journal[0].body)["prev_hash"], device.journal[0].body)
    assert body["hashes"] == [own, stored]


def test_a_revoked_device_hands_over_what_it_holds(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Shut out of everything else, it may still give back what the officer recorded on it."""
    give(ana)
    signed = shut_out_with_a_visit(staffed, device)
    refused = device.push(signed).get_json()
    assert refused["code"] == "403.46"
    assert "quarantine" in refused["hint"]
    assert hand_over(device, signed).status_code == 200
    assert (_causes(staffed), count(staffed, operations)) == (["revoked"], 0)


def test_handing_over_twice_keeps_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G1: a lost answer, a record twice in one message, and one that the log holds need nothing."""
    give(ana)
    signed = forked(device)
    for _time in range(2):
        assert hand_over(device, signed, signed, device.journal[0]).status_code == 200
    assert (count(staffed, quarantine), count(staffed, operations)) == (1, 1)
    with reading(staffed.engine) as conn:
        lines = conn.execute(
            select(func.count()).where(audit.c.action == "operations.quarantined")
        ).scalar()
    assert lines == 1


def test_its_files_may_follow_from_the_next_device(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, cy: Officer
) -> None:
    """Ana's new device brings the photo that a quarantined record names; nobody else's may."""
    give(ana)
    old, new, outsider = enrolled(ana, "old"), enrolled(ana, "new"), enrolled(cy, "cy")
    forked(old)
    old.record("visit.note", "C-1", {"visit_id": "V-1", "text": "door"}, files=(PICTURE,))
    hand_over(old, *old.journal[1:])
    path = f"/api/v1/blobs/{hashlib.sha256(PICTURE).hexdigest()}"
    assert outsider.send("PUT", path, PICTURE).get_json()["code"] == "404.43"
    assert new.send("PUT", path, PICTURE).status_code == 201
    assert (count(staffed, blobs), len(_causes(staffed))) == (1, 2)


def test_one_altered_record_keeps_nothing(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Only what the device's own key signed is kept; the sound record beside it comes again."""
    give(ana)
    signed = forked(device)
    altered = SignedOperation(signed.body.replace("debtor", "family"), signed.sig)
    answer = hand_over(device, signed, altered)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.44")
    envelope = SignedOperation(signed.body.replace('"seq":1', '"seq":0'), signed.sig)
    assert hand_over(device, signed, envelope).get_json()["code"] == "400.43"
    assert count(staffed, quarantine) == 0


def test_places_beyond_every_log_are_refused(staffed: ServerContext, device: FieldDevice) -> None:
    """A number that no store can keep is no honest device's, even where its own key signed it."""
    operation = device.record("visit.note", None, {})
    sealed = device.seal(dataclasses.replace(operation, seq=1 << 40))
    assert hand_over(device, sealed).get_json()["code"] == "400.43"
    assert count(staffed, quarantine) == 0


def test_only_its_own_records(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, cy: Officer
) -> None:
    """A device hands over for itself: neither another's name nor another's records are taken."""
    give(ana)
    hers, his = enrolled(ana, "ana"), enrolled(cy, "cy")
    signed = forked(hers)
    answer = his.post(
        "/api/v1/quarantine",
        {"device_id": hers.device_id, "operations": [{"body": signed.body, "sig": signed.sig}]},
    )
    assert answer.get_json()["code"] == "403.45"
    assert hand_over(his, signed).get_json()["code"] == "400.43"
    assert count(staffed, quarantine) == 0


def test_an_empty_message_is_refused(device: FieldDevice) -> None:
    """There is nothing to keep and nothing to sign for."""
    assert hand_over(device).get_json()["code"] == "400.42"


def test_its_share_is_counted_in_bytes(
    staffed: ServerContext, device: FieldDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Chinese letter takes three; one byte less room and the second record is refused."""
    for _number in range(2):
        device.record("visit.note", None, {"text": "病" * 100})
    size = sum(len(signed.body.encode()) for signed in device.journal)
    monkeypatch.setattr(quarantine_operations, "SIZE_MAX", size - 1)
    assert hand_over(device, device.journal[0]).status_code == 200
    assert hand_over(device, device.journal[1]).get_json()["code"] == "413.6"
    monkeypatch.setattr(quarantine_operations, "SIZE_MAX", size)
    assert hand_over(device, device.journal[1]).status_code == 200
    assert count(staffed, quarantine) == 2


def test_a_device_keeps_no_more_than_its_share(
    staffed: ServerContext,
    device: FieldDevice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stolen device cannot fill the disk; what is kept already is still answered for."""
    monkeypatch.setattr(quarantine_operations, "RECORDS_MAX", 2)
    for _number in range(3):
        device.record("visit.note", None, {})
    assert hand_over(device, *device.journal[:2]).status_code == 200
    answer = hand_over(device, *device.journal)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "413.6")
    assert hand_over(device, *device.journal[:2]).status_code == 200
    assert count(staffed, quarantine) == 2
