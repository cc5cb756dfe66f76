"""Devices that push as fast as they may, each a process of its own, for `bench/sync.py`."""

import multiprocessing
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from threading import BrokenBarrierError
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from flask.testing import FlaskClient

from fieldsync.adapters.clock import SystemClock
from tests.fakes import FixedClock
from tests.server.field_device import FieldDevice

NOTE_BYTES = 600
_TIMEOUT_S = 60
_READY_S = 120
_DONE_S = 300


class _Answer:
    """As much of a test client's answer as a device asks for."""

    def __init__(self, answer: requests.Response) -> None:
        self.status_code = answer.status_code
        self._answer = answer

    def get_json(self) -> Any:
        """The document that came."""
        return self._answer.json()

    def get_data(self, *, as_text: bool = False) -> str | bytes:
        """The bytes that came."""
        return self._answer.text if as_text else self._answer.content


class Line:
    """Speaks to a running server the way a test client speaks to the app."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, path: str, *, method: str, data: bytes, headers: dict[str, str]) -> _Answer:
        """One request."""
        host = {**headers, "Host": urlsplit(self._url).netloc}
        return _Answer(
            self._session.request(
                method, self._url + path, data=data, headers=host, timeout=_TIMEOUT_S
            )
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What one device does: its officer's code and case, how many notes, how many in a batch."""

    url: str
    code: str
    case_id: str
    operations: int
    batch: int


def device_on(url: str, name: str) -> FieldDevice:
    """A device that speaks to a running server, by the machine's own clock."""
    # Both answer what a device asks of them; the names stand unquoted so that their imports are seen.
    client = cast(FlaskClient, Line(url))  # noqa: TC006 - see above
    clock = cast(FixedClock, SystemClock())  # noqa: TC006 - see above
    return FieldDevice(client, clock, name)


def notes(device: FieldDevice, case_id: str, count: int) -> None:
    """Record that many visit notes of 600 bytes."""
    for number in range(count):
        text = f"{number:06d} ".ljust(NOTE_BYTES, "x")
        device.record("visit.note", case_id, {"visit_id": device.device_id, "text": text})


def push_seconds(loads: list[Load]) -> float:
    """Seconds from the moment all devices are ready to the moment the last has its last receipt."""
    method = multiprocessing.get_context("spawn")
    ready = method.Barrier(len(loads) + 1)
    done = method.Barrier(len(loads) + 1)
    workers = [
        method.Process(target=_work, args=(load, ready, done, str(n)))
        for n, load in enumerate(loads)
    ]
    for worker in workers:
        worker.start()
    ready.wait(_READY_S)
    begun = time.perf_counter()
    try:
        done.wait(_DONE_S)
    except BrokenBarrierError as error:
        raise RuntimeError("a device of the benchmark failed") from error
    taken = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return taken


def _work(load: Load, ready: Any, done: Any, name: str) -> None:
    device = device_on(load.url, f"{load.code}-{name}")
    answer = device.enrol(load.code)
    if answer.status_code != requests.codes.ok:
        raise RuntimeError(answer.get_data(as_text=True))
    cursor = device.sync().cursor
    notes(device, load.case_id, load.operations)
    signed = _signed_requests(device, load, cursor)
    connection = HTTPConnection(urlsplit(load.url).netloc, timeout=_TIMEOUT_S)
    connection.connect()
    ready.wait(_READY_S)
    for one in signed:
        connection.request(one.method, one.path, one.content, one.headers)
        told = connection.getresponse()
        content = told.read()
        if told.status != HTTPStatus.OK:
            done.abort()
            raise RuntimeError(content.decode())
    done.wait(_DONE_S)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request as it goes over the line."""

    method: str
    path: str
    content: bytes
    headers: dict[str, str]


class _Keeper:
    """Keeps requests instead of sending them: signing is the devices' work, which is not measured here."""

    def __init__(self) -> None:
        self.kept: list[_Request] = []

    def open(self, path: str, *, method: str, data: bytes, headers: dict[str, str]) -> None:
        """One request."""
        self.kept.append(_Request(method, path, data, headers))


def _signed_requests(device: FieldDevice, load: Load, cursor: str) -> list[_Request]:
    """All that the device will send, signed beforehand."""
    keeper = _Keeper()
    device.client = cast(FlaskClient, keeper)  # noqa: TC006 - as in `device_on`
    for begin in range(0, load.operations, load.batch):
        device.push(*device.journal[begin : begin + load.batch], cursor=cursor)
    return keeper.kept
