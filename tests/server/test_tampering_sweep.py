"""A network in the hands of someone else: every byte of a signed request, and every route with foreign ids."""

import base64
import json
from collections.abc import Iterator

import pytest
import requests
from werkzeug.test import TestResponse

from fieldsync.adapters.request_signatures import sign_request
from fieldsync.domain.officer import Officer
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION
from server.context import ServerContext
from server.limit_settings import LimitSettings
from server.store.devices import load_device
from server.store.engine import reading
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

_PATH = "/api/v1/sync"
# What a signature is read from; everything else of the head is the transport's.
_SIGNED_HEADERS = ("Signature", "Signature-Input", "Content-Digest")


@pytest.fixture
def limits() -> LimitSettings:
    """Whatever comes is looked at, however much of it was wrong."""
    return LimitSettings(device_requests=10**6, source_refusals=10**6)


def signed(device: FieldDevice, path: str, content: bytes) -> requests.PreparedRequest:
    """A request as the device would send it, not sent yet."""
    headers = {PROTOCOL_HEADER: str(PROTOCOL_VERSION), "Content-Type": "application/json"}
    request = requests.Request(
        "POST", f"http://localhost{path}", data=content, headers=headers
    ).prepare()
    nonce = device.randomness.token(12).hex()
    sign_request(request, device.device_id, device.request_key, device.clock.now(), nonce)
    return request


def sent(
    device: FieldDevice, path: str, content: bytes, headers: dict[str, str], method: str = "POST"
) -> TestResponse:
    """The answer to exactly this."""
    return device.client.open(path, method=method, data=content, headers=headers)


def flipped(text: str) -> Iterator[tuple[int, str]]:
    """The text with each of its characters changed in turn, but for bits that base64 leaves unused."""
    for place, letter in enumerate(text):
        changed = text[:place] + ("B" if letter == "A" else "A") + text[place + 1 :]
        if _bytes_of(changed) is None or _bytes_of(changed) != _bytes_of(text):
            yield place, changed


def _bytes_of(text: str) -> bytes | None:
    """What stands between the colons of a header, decoded; None where it is no base64."""
    parts = text.split(":")
    try:
        return base64.b64decode(parts[1], validate=True) if len(parts) == 3 else None
    except ValueError:
        return None


@pytest.fixture
def recorded(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """A device with a record that was not sent yet."""
    case_id = give(ana).case_id
    device.record("visit.note", case_id, {"visit_id": device.new_id(), "text": "the door is green"})
    return device


def test_tampering_every_byte_of_a_signed_request_counts(
    recorded: FieldDevice, staffed: ServerContext
) -> None:
    """Whatever byte of body, digest or signature is changed, nothing is stored; unchanged, it counts once."""
    message = {
        "device_id": recorded.device_id,
        "cursor": None,
        "operations": [{"body": o.body, "sig": o.sig} for o in recorded.journal],
    }
    content = json.dumps(message).encode()
    request = signed(recorded, _PATH, content)
    headers = {str(name): str(value) for name, value in request.headers.items()}
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        answer = sent(recorded, _PATH, bytes(changed), headers)
        assert answer.status_code in {400, 401}, (place, answer.status_code)
    for length in (0, 1, len(content) - 1):
        assert sent(recorded, _PATH, content[:length], headers).status_code in {400, 401}
    for name in _SIGNED_HEADERS:
        for place, value in flipped(headers[name]):
            answer = sent(recorded, _PATH, content, {**headers, name: value})
            assert answer.status_code in {400, 401}, (name, place, answer.status_code)
        without = {key: value for key, value in headers.items() if key != name}
        assert sent(recorded, _PATH, content, without).status_code in {400, 401}
    with reading(staffed.engine) as conn:
        stored = load_device(conn, recorded.device_id)
    assert stored is not None
    assert stored.head.seq == 0
    assert sent(recorded, _PATH, content, headers).status_code == 200
    again = sent(recorded, _PATH, content, headers)
    assert (again.status_code, again.get_json()["code"]) == (401, "401.3")


@pytest.mark.parametrize(
    "path", ["/api/v1/quarantine", "/api/v1/repair", "/api/v1/certificate", f"{_PATH}?x=1"]
)
def test_a_request_is_good_for_its_own_address_alone(recorded: FieldDevice, path: str) -> None:
    """Signed for one route, it opens no other, nor the same one with a query or another method."""
    content = json.dumps(
        {"device_id": recorded.device_id, "cursor": None, "operations": []}
    ).encode()
    request = signed(recorded, _PATH, content)
    headers = {str(name): str(value) for name, value in request.headers.items()}
    assert sent(recorded, path, content, headers).status_code == 401
    put = sent(recorded, "/api/v1/blobs/" + "a" * 64, content, headers, method="PUT")
    assert put.status_code == 401


def test_idor_no_route_serves_another_officers_ids(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, cy: Officer
) -> None:
    """Every route of the API with Ana's device, record, file or case, asked by Cy's device."""
    case_id = give(ana).case_id
    hers, his = enrolled(ana, "ana"), enrolled(cy, "cy")
    photo = b"\x89PNG\r\n\x1a\n of a door"
    note = {"visit_id": hers.new_id(), "text": "the door is green"}
    hers.record("visit.note", case_id, note, files=(photo,))
    hers.sync()
    sha256 = json.loads(hers.journal[0].body)["attachments"][0]["sha256"]
    assert hers.send("PUT", f"/api/v1/blobs/{sha256}", photo).status_code in {200, 201}
    own = [{"body": o.body, "sig": o.sig} for o in hers.journal]
    named = {"device_id": hers.device_id}
    refused = {
        "sync": his.post(_PATH, {**named, "cursor": None, "operations": []}),
        "push": his.post(_PATH, {"device_id": his.device_id, "cursor": None, "operations": own}),
        "cursor": his.post(
            _PATH, {"device_id": his.device_id, "cursor": hers.cursor, "operations": []}
        ),
        "quarantine": his.post("/api/v1/quarantine", {**named, "operations": own}),
        "repair": his.post("/api/v1/repair", {**named, "buckets": []}),
        "certificate": his.post("/api/v1/certificate", {**named, "document_key": "x"}),
        "file": his.send("GET", f"/api/v1/blobs/{sha256}"),
        "other file": his.send("PUT", f"/api/v1/blobs/{sha256}", photo),
        "upload": his.send("HEAD", f"/api/v1/files/{sha256}", extra={"Tus-Resumable": "1.0.0"}),
    }
    for name, answer in refused.items():
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        assert b"the door is green" not in answer.get_data()
    pulled = his.sync()
    assert not any(case_id in change.key for change in pulled.changes)
