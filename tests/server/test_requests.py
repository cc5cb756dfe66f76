"""What the border refuses: unsigned, foreign, stale, repeated, altered, oversized, unreadable requests."""

import gzip
import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from fieldsync.domain.officer import Officer
from fieldsync.sync.messages import PROTOCOL_HEADER
from server.context import ServerContext
from server.store.engine import writing
from server.store.tables import devices
from tests.server.conftest import DeviceMaker
from tests.server.field_device import FieldDevice

SPEAKS = {PROTOCOL_HEADER: "1"}
EMPTY: dict[str, object] = {"cursor": None, "operations": []}


def test_an_unsigned_request_is_refused(client: FlaskClient) -> None:
    """Nobody syncs without a key; the answer is problem details that name a way out."""
    answer = client.post("/api/v1/sync", json=EMPTY, headers=SPEAKS)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "401.1")
    assert answer.mimetype == "application/problem+json"
    assert "Signature" in answer.headers["WWW-Authenticate"]


def test_a_stranger_is_refused(device: FieldDevice) -> None:
    """A well-made signature of a device nobody enrolled is refused, and what to do is told."""
    stranger = FieldDevice(device.client, device.clock, "stranger")
    answer = stranger.push()
    assert (answer.status_code, answer.get_json()["code"]) == (401, "401.4")
    assert "Your records stay" in answer.get_json()["hint"]


def test_another_devices_name_is_refused(enrolled: DeviceMaker, ana: Officer, cy: Officer) -> None:
    """Cy's device may not speak for Ana's."""
    hers, his = enrolled(ana, "ana"), enrolled(cy, "cy")
    answer = his.post("/api/v1/sync", {**EMPTY, "device_id": hers.device_id})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "403.45")


def test_a_wrong_clock_is_told_the_time(device: FieldDevice) -> None:
    """An honest device that is an hour off learns the server's time and can correct itself."""
    message = {**EMPTY, "device_id": device.device_id}
    answer = device.post("/api/v1/sync", message, skew=timedelta(hours=1))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "401.2")
    assert answer.get_json()["server_time"] == device.clock.now().isoformat()


def test_a_request_sent_twice_is_refused(device: FieldDevice) -> None:
    """A recorded request cannot be played again."""
    message = {**EMPTY, "device_id": device.device_id}
    assert device.post("/api/v1/sync", message, nonce="once").status_code == 200
    assert device.post("/api/v1/sync", message, nonce="once").get_json()["code"] == "401.3"


def test_a_forged_request_uses_up_no_nonce(device: FieldDevice) -> None:
    """A nonce counts only once the signature verified, so nobody can spend a device's nonces."""
    message = {**EMPTY, "device_id": device.device_id}
    own, device.request_key = device.request_key, device.operation_key
    assert device.post("/api/v1/sync", message, nonce="n1").status_code == 401
    device.request_key = own
    assert device.post("/api/v1/sync", message, nonce="n1").status_code == 200


def test_a_revoked_device_is_refused(staffed: ServerContext, device: FieldDevice) -> None:
    """A revoked device gets nothing more."""
    with writing(staffed.engine) as conn:
        conn.execute(update(devices).values(revoked_from_seq=1))
    assert device.push().get_json()["code"] == "403.46"


def test_other_protocols_are_named(client: FlaskClient) -> None:
    """A device of another version learns both versions, in its language."""
    answer = client.post(
        "/api/v1/sync", json={}, headers={PROTOCOL_HEADER: "9", "Accept-Language": "zh-CN,zh;q=0.9"}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (426, "426.1")
    assert answer.get_json()["protocols"] == [1, 2]
    assert answer.headers["Content-Language"] == "zh-CN"
    assert "9" in answer.get_json()["detail"]
    assert "协议" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "400.40"),
        (b'"\\ud800"', "400.40"),
        (b"\xff", "400.40"),
        (b"[" * 100_000, "400.40"),
        (b"NaN", "400.40"),
        (b"[]", "400.42"),
        (b"null", "400.42"),
        (b"{}", "400.42"),
        (b'{"device_id":"a","cursor":null,"operations":[{"body":"{}","sig":"x"}]}', "400.42"),
        (b"", "400.40"),
    ],
)
def test_an_unreadable_body_is_explained(device: FieldDevice, content: bytes, code: str) -> None:
    """Whatever is no exchange gets a code of its own and changes nothing."""
    answer = device.send("POST", "/api/v1/sync", content)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_another_content_type_is_refused(device: FieldDevice) -> None:
    """JSON is sent as JSON."""
    answer = device.send("POST", "/api/v1/sync", b"{}", content_type="text/plain")
    assert (answer.status_code, answer.get_json()["code"]) == (415, "415.1")


def _packed(device: FieldDevice, content: bytes, coding: str = "gzip") -> tuple[int, str]:
    """Send packed content, signed as it goes over the wire."""
    import requests

    from fieldsync.adapters.request_signatures import sign_request

    headers = {**SPEAKS, "Content-Type": "application/json", "Content-Encoding": coding}
    request = requests.Request(
        "POST", "http://localhost/api/v1/sync", data=content, headers=headers
    ).prepare()
    nonce = device.randomness.token(8).hex()
    sign_request(request, device.device_id, device.request_key, device.clock.now(), nonce)
    answer = device.client.post("/api/v1/sync", data=content, headers=dict(request.headers.items()))
    return answer.status_code, answer.get_json().get("code", "")


def test_packed_requests_are_read_within_limits(device: FieldDevice) -> None:
    """Gzip is welcome; a bomb, a torn archive or another coding is not."""
    message = json.dumps({**EMPTY, "device_id": device.device_id}).encode()
    assert _packed(device, gzip.compress(message)) == (200, "")
    assert _packed(device, gzip.compress(b" " * (50 << 20))) == (413, "413.1")
    assert _packed(device, gzip.compress(message)[:-9]) == (400, "400.40")
    assert _packed(device, b"no gzip") == (400, "400.40")
    assert _packed(device, message, "br") == (415, "415.2")


def test_large_answers_are_packed(device: FieldDevice) -> None:
    """A device that takes gzip gets gzip."""
    answer = device.client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["info"]["title"] == "Fieldsync"


def test_a_body_above_the_limit_is_refused(device: FieldDevice) -> None:
    """Nobody fills the server's memory."""
    answer = device.send("POST", "/api/v1/enrol", b" " * (17 << 10))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "413.1")


def test_unknown_addresses_and_methods_are_problems_too(client: FlaskClient) -> None:
    """Even what Flask itself refuses comes as problem details with a code."""
    assert client.get("/nowhere").get_json()["code"] == "404.40"
    answer = client.delete("/healthz")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "405.1")
    assert "GET" in answer.headers["Allow"]


def test_the_server_says_that_it_is_alive(client: FlaskClient) -> None:
    """A load balancer asks without a key."""
    assert client.get("/healthz").get_json()["status"] == "ok"
