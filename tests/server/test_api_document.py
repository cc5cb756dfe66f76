"""The running server keeps to its own OpenAPI document: schemathesis asks, signed as a device would."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from requests.auth import AuthBase
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.serving import make_server

from fieldsync.adapters.request_signatures import sign_request
from fieldsync.domain.officer import Officer
from fieldsync.sync.files import CHUNK_TYPE
from server.app import create_app
from server.context import ServerContext
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

# A chunk of tus is plain bytes under a name of its own.
schemathesis.serializer.alias(CHUNK_TYPE, "application/octet-stream")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    ("/api/v1/enrol", "POST"),
    ("/api/v1/sync", "POST"),
    ("/api/v1/repair", "POST"),
    ("/api/v1/quarantine", "POST"),
    ("/api/v1/blobs/{sha256}", "PUT"),
    ("/api/v1/blobs/{sha256}", "GET"),
    ("/api/v1/files", "POST"),
    ("/api/v1/files/{sha256}", "HEAD"),
    ("/api/v1/files/{sha256}", "PATCH"),
    ("/api/v1/files/{sha256}", "DELETE"),
    ("/healthz", "GET"),
]
# Nothing about `healthz` can be asked wrongly: it takes no parameter and no body.
ASKED = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in GenerationMode
    if path != "/healthz" or mode is GenerationMode.POSITIVE
]


class _Signing(AuthBase):
    """Signs every request that schemathesis makes up, as an honest device's program would."""

    def __init__(self, device: FieldDevice) -> None:
        self._device = device

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign it last, over its final body."""
        device = self._device
        nonce = device.randomness.token(12).hex()
        sign_request(r, device.device_id, device.request_key, device.clock.now(), nonce)
        return r


@pytest.fixture
def address(staffed: ServerContext) -> Iterator[str]:
    """A real server on loopback."""
    server = make_server("127.0.0.1", 0, create_app(staffed), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("path", "method", "mode"), ASKED)
def test_no_request_surprises_the_server(
    address: str,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    path: str,
    method: str,
    mode: GenerationMode,
) -> None:
    """Whatever is asked, sound or not, the answer is one that the document tells of, and never a 500."""
    give(ana)
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    operation = schema[path][method]
    with requests.Session() as session:
        session.trust_env = False
        session.auth = _Signing(device)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def ask(case: Case[Any]) -> None:
            _speak_for(case, device)
            case.call_and_validate(base_url=address, session=session, checks=CHECKS)

        ask()


def _speak_for(case: Case[Any], device: FieldDevice) -> None:
    """Name the device that signs, so that the push is looked at and not only its sender."""
    body: Any = case.body
    if isinstance(body, dict) and "device_id" in body and {"operations", "buckets"} & body.keys():
        body["device_id"] = device.device_id
