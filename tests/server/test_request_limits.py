"""How much a device and an address may ask: a problem with `Retry-After`, and no honest device is stopped."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError, UnauthorisedError
from fieldsync.sync.files import TUS_HEADER, TUS_VERSION
from fieldsync.sync.messages import PROTOCOL_HEADER
from fieldsync.sync.rhythm import SHORT_WAIT_S
from server.app import create_app
from server.context import ServerContext
from server.limit_settings import LimitSettings, read_limits
from server.store.engine import writing
from server.workflow.office_sessions import Visitor
from server.workflow.sign_in_limits import counted, take_try
from tests.fakes import FixedClock
from tests.server.conftest import DeviceMaker
from tests.server.field_device import FieldDevice


@pytest.fixture
def limits() -> LimitSettings:
    """Little is much here."""
    return LimitSettings(device_requests=5, source_refusals=3)


def told(answer: TestResponse) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.get_json()["code"]


def unsigned(client: FlaskClient, address: str = "198.51.100.7", named: str = "") -> TestResponse:
    """A request that nobody signed, from there; perhaps in a device's name."""
    headers = {PROTOCOL_HEADER: "1"}
    if named:
        said = f'pyhms=("@method");created=1;keyid="{named}";nonce="n";tag="fieldsync"'
        headers |= {"Signature-Input": said, "Signature": "pyhms=:AAAA:"}
    where = {"REMOTE_ADDR": address}
    return client.post("/api/v1/sync", json={}, headers=headers, environ_overrides=where)


def test_a_device_that_asks_too_much_waits(device: FieldDevice, clock: FixedClock) -> None:
    """The next request within ten seconds is told when to come again, and is then answered."""
    # Enrolment was its first request.
    assert [device.push().status_code for _n in range(4)] == [200] * 4
    clock.go_on(seconds=3)
    answer = device.push()
    assert told(answer) == (429, "429.3")
    assert answer.mimetype == "application/problem+json"
    assert int(answer.headers["Retry-After"]) == answer.get_json()["retry_after_s"] == 7
    clock.go_on(seconds=7)
    assert device.push().status_code == 200


def test_a_device_waits_by_itself_within_the_exchange(device: FieldDevice) -> None:
    """However much it asked, the wait is one that it waits out before it gives up."""
    waits = [device.push().headers.get("Retry-After", "0") for _n in range(9)]
    assert 0 < max(int(wait) for wait in waits) <= SHORT_WAIT_S


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/sync"),
        ("POST", "/api/v1/repair"),
        ("POST", "/api/v1/quarantine"),
        ("POST", "/api/v1/certificate"),
        ("PUT", f"/api/v1/blobs/{'0' * 64}"),
        ("GET", f"/api/v1/blobs/{'0' * 64}"),
        ("POST", "/api/v1/files"),
        ("PATCH", f"/api/v1/files/{'0' * 64}"),
        ("DELETE", f"/api/v1/files/{'0' * 64}"),
    ],
)
def test_every_route_of_devices_has_limits(device: FieldDevice, method: str, path: str) -> None:
    """Asked too often anywhere, a device waits everywhere; so does an address that signs nothing."""
    for _n in range(4):
        device.push()
    speaks = {TUS_HEADER: TUS_VERSION}
    assert told(device.send(method, path, extra=speaks)) == (429, "429.3")
    for _n in range(3):
        unsigned(device.client, "127.0.0.1")
    stranger = FieldDevice(device.client, device.clock, "stranger")
    assert told(stranger.send(method, path, extra=speaks)) == (429, "429.4")


def test_one_device_does_not_use_up_what_another_may_ask(
    enrolled: DeviceMaker, ana: Officer, cy: Officer
) -> None:
    """Each is counted by itself."""
    hers, his = enrolled(ana, "ana"), enrolled(cy, "cy")
    for _n in range(6):
        his.push()
    assert hers.push().status_code == 200
    assert told(his.push()) == (429, "429.3")


def test_unsigned_requests_are_refused_before_they_are_read(
    client: FlaskClient, clock: FixedClock
) -> None:
    """After some that nobody signed, their address waits; a large body is not even looked at."""
    assert [told(unsigned(client)) for _n in range(3)] == [(401, "401.1")] * 3
    answer = client.post(
        "/api/v1/sync",
        data=b"x" * (40 << 20),
        headers={PROTOCOL_HEADER: "1", "Accept-Language": "zh"},
        environ_overrides={"REMOTE_ADDR": "198.51.100.7"},
    )
    assert told(answer) == (429, "429.4")
    assert answer.headers["Retry-After"] == "30"
    assert "地址" in answer.get_json()["detail"]
    assert told(unsigned(client, "198.51.100.8")) == (401, "401.1")
    clock.go_on(seconds=30)
    assert told(unsigned(client)) == (401, "401.1")


def test_lock_out_strangers_at_an_address_stop_no_enrolled_device(device: FieldDevice) -> None:
    """Those who share an address with a stranger go on, and an elsewhere does not speak for a device."""
    for _n in range(4):
        unsigned(device.client, "127.0.0.1")
    assert told(unsigned(device.client, "127.0.0.1")) == (429, "429.4")
    assert device.push().status_code == 200
    answers = [told(unsigned(device.client, named=device.device_id)) for _n in range(4)]
    assert answers == [(401, "401.1")] * 3 + [(429, "429.4")]
    assert device.push().status_code == 200


def test_what_needs_no_device_is_not_counted(client: FlaskClient) -> None:
    """Health and the description of the API answer whoever asks."""
    for _n in range(4):
        unsigned(client)
    for path in ("/healthz", "/api/v1/openapi.json"):
        answer = client.get(path, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
        assert answer.status_code == 200


def test_the_usual_limits_let_a_week_of_records_through(
    staffed: ServerContext, enrolled: DeviceMaker, ana: Officer
) -> None:
    """Some hundred requests within one instant are none too many."""
    device = enrolled(ana, "ana")
    device.client = create_app(staffed).test_client()
    assert {device.push().status_code for _n in range(150)} == {200}


def test_brute_force_in_parallel_gets_no_more_tries(staffed: ServerContext) -> None:
    """Twenty guesses at once are five and fifteen that wait: the count is locked while it is read."""
    now = staffed.clock.now()

    def guess(_n: int) -> bool:
        try:
            with writing(staffed.engine) as conn:
                take_try(conn, counted(staffed, "ben", Visitor("198.51.100.7")), now)
        except UnauthorisedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(20))) == 5


@pytest.mark.parametrize(
    "section",
    [
        [],
        {"device_requests": 0},
        {"device_requests": 1.5},
        {"source_refusals": True},
        {"slow_client_s": float("inf")},
        {"slow_client_s": "30"},
        {"other": 1},
    ],
)
def test_a_limit_that_is_none_is_refused(section: object) -> None:
    """The setting is named."""
    with pytest.raises(InputError) as error:
        read_limits(section, Path("config.toml"))
    assert error.value.code == "422.900"
