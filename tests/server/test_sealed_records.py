"""What a device gives back sealed: opened before anything is looked at, and never anything but what was sealed."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.public import PublicKey, SealedBox
from sqlalchemy import select
from werkzeug.test import TestResponse

from fieldsync.domain import base64url
from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError
from fieldsync.sync.messages import BATCH_BYTES_MAX
from fieldsync.sync.operation import SealedOperation, SignedOperation
from server.context import ServerContext
from server.security.sealing import opened
from server.store.engine import reading
from server.store.tables import operations, quarantine
from server.workflow.import_rescue import import_rescue
from tests.server.backups import Backups
from tests.server.case_files import visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.handing_over import forked
from tests.server.rescue_files import rescued, write
from tests.server.tus_device import ROOT, b64, patch, tus

SEAL = "server:seal"


def key_of(device: FieldDevice) -> str:
    """The key that the server tells the device to seal to."""
    device.cursor = None
    row = next(row for row in device.sync().changes if row.key == SEAL)
    assert row.body is not None
    return str(row.body["key"])


def sealed(key: str, content: bytes) -> bytes:
    """As a device seals."""
    return SealedBox(PublicKey(base64url.decode(key))).encrypt(content)


def entry(key: str, signed: SignedOperation) -> dict[str, str]:
    """A record as it travels after its body has left."""
    return {"sealed": base64url.encode(sealed(key, signed.body.encode())), "sig": signed.sig}


def push(
    device: FieldDevice, *entries: dict[str, str], urgent: tuple[Any, ...] = ()
) -> TestResponse:
    """One exchange with these entries."""
    message: dict[str, Any] = {"device_id": device.device_id, "cursor": None}
    message |= {"operations": list(entries)} | ({"urgent": list(urgent)} if urgent else {})
    return device.post("/api/v1/sync", message)


def bodies(ctx: ServerContext) -> list[str]:
    """What the server has stored, in order."""
    with reading(ctx.engine) as conn:
        return list(conn.execute(select(operations.c.body).order_by(operations.c.seq)).scalars())


@pytest.fixture
def backups(staffed: ServerContext, request: pytest.FixtureRequest) -> Iterator[Backups]:
    """Backups of the staffed server."""
    yield Backups(staffed, lambda: request.getfixturevalue("cluster"))
    staffed.engine.dispose()


@pytest.fixture
def visited(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """Ana's device, a case, and two records that are not sent yet."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "the gate is blue"})
    return device


def test_a_restored_server_takes_sealed_records(
    staffed: ServerContext, backups: Backups, visited: FieldDevice
) -> None:
    """Pushed open, lost with the store, given back sealed: the same records, and once."""
    journal, visited.journal = visited.journal, []
    key = key_of(visited)
    put_back = backups.take()
    assert visited.push(*journal).status_code == 200
    before = bodies(staffed)
    put_back()
    assert bodies(staffed) == []
    for _time in range(2):
        answer = push(visited, *(entry(key, signed) for signed in journal))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert [told["outcome"]["kind"] for told in answer.get_json()["results"]] == [
            "accepted"
        ] * 2
    assert bodies(staffed) == before == [signed.body for signed in journal]


def test_sealed_and_open_entries_mix(staffed: ServerContext, visited: FieldDevice) -> None:
    """The first of the log has left the device, the second has not; one may also be shown ahead."""
    journal, visited.journal = visited.journal, []
    first = entry(key_of(visited), journal[0])
    answer = push(visited, first, dataclasses.asdict(journal[1]), urgent=(first,))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert bodies(staffed) == [signed.body for signed in journal]


def test_what_does_not_open_stores_nothing(staffed: ServerContext, visited: FieldDevice) -> None:
    """Another server's key, a cut seal, no text inside: 400.51, and the whole batch is refused."""
    journal, visited.journal = visited.journal, []
    key, stranger = key_of(visited), base64url.encode(bytes(range(32)))
    good = entry(key, journal[0])
    for bad in (
        entry(stranger, journal[1]),
        {**good, "sealed": good["sealed"][:-4]},
        {**good, "sealed": good["sealed"][:81]},
        {**good, "sealed": base64url.encode(sealed(key, b"\xff\xfe" * 40))},
    ):
        answer = push(visited, good, bad)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "400.51")
    assert bodies(staffed) == []


def test_what_was_sealed_is_judged_as_ever(staffed: ServerContext, visited: FieldDevice) -> None:
    """A seal gives no rights: no envelope is 400.43, another text under the signature 400.44."""
    journal, visited.journal = visited.journal, []
    key, (first, second) = key_of(visited), journal
    altered = SignedOperation(second.body.replace("blue", "red!"), second.sig)
    for pushed, code in ((SignedOperation("{}", first.sig), "400.43"), (altered, "400.44")):
        entries = (
            [entry(key, pushed)] if code == "400.43" else [entry(key, first), entry(key, pushed)]
        )
        assert push(visited, *entries).get_json()["code"] == code
    assert bodies(staffed) == []


def test_the_size_is_that_of_what_was_sealed(visited: FieldDevice) -> None:
    """Sealed content counts opened against a batch's limit; a seal of more is not even opened."""
    (first, _second), visited.journal = visited.journal, []
    key = key_of(visited)
    entries = [entry(key, SignedOperation("x" * (BATCH_BYTES_MAX // 2 + 1), first.sig))] * 2
    assert push(visited, *entries).get_json()["code"] == "413.1"
    too_long = {"sealed": "A" * (BATCH_BYTES_MAX * 4 // 3 + 200), "sig": first.sig}
    assert push(visited, too_long).get_json()["code"] == "400.42"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_altered_seals_never_become_a_record(server: ServerContext, data: st.DataObject) -> None:
    """Any byte changed, bytes cut off, added or made up: it does not open, or opens to the very same text."""
    keys = server.keys.seals
    box = SealedBox(keys[0].public_key)
    whole = bytearray(box.encrypt(data.draw(st.binary(min_size=2, max_size=200))))
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["flip", "cut", "add", "other"]))
    if how == "flip":
        whole[place] ^= 1 << data.draw(st.integers(0, 7))
    elif how == "cut":
        del whole[place:]
    elif how == "add":
        whole += data.draw(st.binary(min_size=1, max_size=60))
    else:
        whole = bytearray(data.draw(st.binary(min_size=0, max_size=300)))
    with pytest.raises(InputError) as refused:
        opened(keys, [SealedOperation(base64url.encode(bytes(whole)), "")])
    assert refused.value.code == "400.51"


def test_sealed_records_go_to_quarantine_too(staffed: ServerContext, device: FieldDevice) -> None:
    """A copied device's record whose body has left is kept apart like any other, as the text it is."""
    taken = forked(device)
    device.journal = device.journal[:1]
    message = {"device_id": device.device_id, "operations": [entry(key_of(device), taken)]}
    answer = device.post("/api/v1/quarantine", message)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    with reading(staffed.engine) as conn:
        assert conn.execute(select(quarantine.c.body)).scalars().all() == [taken.body]


def test_a_rescue_file_may_hold_sealed_records(
    staffed: ServerContext, visited: FieldDevice, tmp_path: Path
) -> None:
    """Each is opened by itself: one that does not open is told, and the others are stored."""
    content = rescued(visited)
    journal, visited.journal = visited.journal, []
    key = key_of(visited)
    for record, signed in zip(content["records"], journal, strict=True):
        record |= {"body": "", **entry(key, signed)}
    content["records"].append({**content["records"][0], "sealed": "A" * 100})
    report = import_rescue(staffed, write(tmp_path / "rescue.json", content), dry_run=False)
    assert bodies(staffed) == [signed.body for signed in journal]
    assert [(one.field, one.fault.code) for one in report.problems] == [("sealed", "400.51")]


def test_a_sealed_file_is_kept_as_what_was_sealed(
    staffed: ServerContext, visited: FieldDevice
) -> None:
    """In chunks, 48 bytes longer than its record says; another file's seal is dropped."""
    photo = bytes(range(256)) * 40
    visited.record("visit.note", "C-1", {"visit_id": "V-1", "text": "a photo"}, files=(photo,))
    visited.sync()
    key = key_of(visited)
    sha256 = json.loads(visited.journal[-1].body)["attachments"][0]["sha256"]
    for content, status in ((sealed(key, photo[::-1]), 422), (b"x" * (len(photo) + 48), 400)):
        assert send_whole(visited, sha256, content).status_code == status
    whole = sealed(key, photo)
    assert send_whole(visited, sha256, whole).status_code == 204
    assert staffed.blobs.get(sha256) == photo
    again = begin(visited, sha256, len(whole))
    assert (again.status_code, again.headers["Upload-Offset"]) == (200, str(len(whole)))


def send_whole(device: FieldDevice, sha256: str, content: bytes) -> TestResponse:
    """A file in one chunk."""
    begin(device, sha256, len(content))
    return patch(device, sha256, 0, content)


def begin(device: FieldDevice, sha256: str, size: int) -> TestResponse:
    """Begin the upload of a file by its name."""
    name = b64(sha256.encode())
    return tus(device, "POST", ROOT, upload_length=str(size), upload_metadata=f"sha256 {name}")
