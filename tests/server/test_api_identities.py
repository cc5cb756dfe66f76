"""Whoever asks the API without being the device it is for gets nothing: schemathesis asks as five strangers."""

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from schemathesis import Case, CheckContext, Response
from schemathesis.generation import GenerationMode

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from server.store.devices import load_device
from server.store.engine import reading
from server.workflow.revoke_device import revoke
from tests.conftest import Proven
from tests.server.api_asking import SEED, Asking, operations, running
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

_PHOTO = b"\x89PNG\r\n\x1a\n of a green door"
_SHA256 = hashlib.sha256(_PHOTO).hexdigest()
_SECRET = "the door is green"  # noqa: S105 - what only Ana's own devices may read
OPERATIONS = [one for one in operations() if one[0] != "/healthz"]
# Whoever is enrolled is served what is its own; a revoked device may still hand over what it owes.
_MAY = {
    "another officer's device": {path for path, _method in OPERATIONS},
    "a revoked device": {"/api/v1/quarantine"},
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A running server where Ana's device left a record and a photo; and Ana's device."""

    address: str
    hers: FieldDevice
    case_id: str


@pytest.fixture
def branch(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> Iterator[Branch]:
    """A real server on loopback that holds something worth asking for."""
    case_id = give(ana).case_id
    note = {"visit_id": device.new_id(), "text": _SECRET}
    device.record("visit.note", case_id, note, files=(_PHOTO,))
    device.sync()
    assert device.send("PUT", f"/api/v1/blobs/{_SHA256}", _PHOTO).status_code == 201
    with running(create_app(staffed)) as url:
        yield Branch(url, device, case_id)


def naming(branch: Branch) -> Callable[[Case[Any]], None]:
    """Every second request names what is Ana's: her device, her file, her cursor, her records."""
    turns = itertools.cycle((True, False))
    own = [{"body": one.body, "sig": one.sig} for one in branch.hers.journal]
    hers: dict[str, Any] = {
        "device_id": branch.hers.device_id,
        "cursor": branch.hers.cursor,
        "operations": own,
    }
    metadata = f"sha256 {base64.b64encode(_SHA256.encode()).decode()}"

    def shape(case: Case[Any]) -> None:
        if not next(turns):
            return
        if "sha256" in case.path_parameters:
            case.path_parameters["sha256"] = _SHA256
        if "Upload-Metadata" in case.headers:
            case.headers["Upload-Metadata"] = metadata
        if isinstance(case.body, dict):
            case.body |= {name: value for name, value in hers.items() if name in case.body}

    return shape


def nothing_of_hers(case_id: str) -> Callable[[CheckContext, Response, Case[Any]], None]:
    """A check: neither her words, nor her case, nor her photo is in the answer."""

    def check(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
        assert _PHOTO not in response.content
        assert _SECRET.encode() not in response.content
        assert json.dumps(case_id).encode() not in response.content

    return check


def refused(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """A check: nobody is served."""
    assert 400 <= response.status_code < 500, response.status_code


def stored(ctx: ServerContext, device: FieldDevice) -> object:
    """How far the server has heard of the device."""
    with reading(ctx.engine) as conn:
        found = load_device(conn, device.device_id)
    assert found is not None
    return found.head


def asks(branch: Branch, signer: FieldDevice | None, who: str, examples: int) -> list[int]:
    """Ask every operation as this sender, who may have something of its own there; what was answered."""
    statuses: list[int] = []
    nothing = nothing_of_hers(branch.case_id)
    for path, method in OPERATIONS:
        checks = (nothing,) if path in _MAY.get(who, ()) else (nothing, refused)
        asking = Asking(branch.address, examples, signer, naming(branch), checks)
        asking.ask(path, method, GenerationMode.POSITIVE)
        assert asking.statuses
        statuses += asking.statuses
    return statuses


def told(proven: Proven, statuses: list[int]) -> None:
    """Write down how often was asked, and refused."""
    refused = sum(status >= 400 for status in statuses)
    proven(("strangers",), faults=refused, steps=len(statuses), seed=SEED)


Stranger = Callable[[], FieldDevice | None]


@pytest.fixture
def strangers(
    staffed: ServerContext, device: FieldDevice, enrolled: DeviceMaker, ana: Officer, cy: Officer
) -> dict[str, Stranger]:
    """Who asks, by name, made when asked for."""

    def revoked() -> FieldDevice:
        lost = enrolled(ana, "lost")
        revoke(staffed, lost.device_id, reason="lost", by="the office")
        return lost

    def impostor() -> FieldDevice:
        own = FieldDevice(device.client, device.clock, "impostor")
        own.device_id = device.device_id
        return own

    return {
        "another officer's device": lambda: enrolled(cy, "cy"),
        "a revoked device": revoked,
        "a device of another server": lambda: FieldDevice(device.client, device.clock, "elsewhere"),
        "her device's name, another key": impostor,
        "nobody": lambda: None,
    }


_STRANGERS = (
    "another officer's device",
    "a revoked device",
    "a device of another server",
    "her device's name, another key",
    "nobody",
)


@pytest.mark.parametrize("examples", [6, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("who", _STRANGERS)
def test_strangers_are_served_nothing(
    branch: Branch,
    staffed: ServerContext,
    strangers: dict[str, Stranger],
    who: str,
    examples: int,
    proven: Proven,
) -> None:
    """Every operation, sound requests that name Ana's ids: a problem, nothing of hers, and nothing stored."""
    before = stored(staffed, branch.hers)
    told(proven, asks(branch, strangers[who](), who, examples))
    assert stored(staffed, branch.hers) == before


def test_a_signature_of_yesterday_serves_nobody(branch: Branch) -> None:
    """Every operation with her own key, by a clock that is a day off: 401.2 or a refusal before it."""
    hers = branch.hers
    for path, method in OPERATIONS:
        answer = hers.send(
            method, path.replace("{sha256}", _SHA256), b"{}", skew=timedelta(days=-1)
        )
        assert 400 <= answer.status_code < 500, (method, path)
