"""Asks a running server, by schemathesis, what its OpenAPI document allows and forbids, as whom one likes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy
from requests.auth import AuthBase
from schemathesis import Case, CheckContext, Response
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.serving import make_server

from fieldsync.adapters.request_signatures import sign_request
from fieldsync.schemas.problems import PROBLEM_TYPE
from fieldsync.sync.files import CHUNK_TYPE
from server.api.openapi import build
from tests.server.field_device import FieldDevice

# A chunk of tus is plain bytes under a name of its own.
schemathesis.serializer.alias(CHUNK_TYPE, "application/octet-stream")
# The same questions in every run.
SEED = 20261124
_METHODS = {"get", "put", "post", "patch", "delete", "head"}
# What a trace of ours looks like; none of it belongs in an answer.
_TRACES = ("Traceback", 'File "', "sqlalchemy", "site-packages", "/server/")
Check = Callable[[CheckContext, Response, Case[Any]], bool | None]


def operations() -> list[tuple[str, str]]:
    """Path and method of everything that the document tells of."""
    paths: dict[str, dict[str, Any]] = build()["paths"]
    return [
        (path, method.upper())
        for path, described in paths.items()
        for method in described
        if method in _METHODS
    ]


def asked(modes: tuple[GenerationMode, ...]) -> list[tuple[str, str, GenerationMode]]:
    """Each of them in each mode; nothing about `healthz` can be asked wrongly: it takes no parameter."""
    return [
        (path, method, mode)
        for path, method in operations()
        for mode in modes
        if path != "/healthz" or mode is GenerationMode.POSITIVE
    ]


@contextmanager
def running(app: Flask) -> Iterator[str]:
    """A real server on loopback; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Signing(AuthBase):
    """Signs every request that schemathesis makes up, as an honest device's program would."""

    def __init__(self, device: FieldDevice) -> None:
        self._device = device

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign it last, over its final body."""
        device = self._device
        nonce = device.randomness.token(12).hex()
        sign_request(r, device.device_id, device.request_key, device.clock.now(), nonce)
        return r


def problems_are_problems(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Every refusal is problem details, except where an answer has no body at all."""
    if response.status_code >= 400 and response.content:
        kinds = response.headers.get("content-type", [""])
        assert kinds[0].startswith(PROBLEM_TYPE), kinds


def tells_nothing_of_the_program(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """No trace, no path of ours, no word of the store."""
    text = response.content.decode("utf-8", "replace")
    assert not [word for word in _TRACES if word in text]


CHECKS: tuple[Check, ...] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    problems_are_problems,
    tells_nothing_of_the_program,
)


@dataclass(slots=True)
class Asking:
    """Who asks how often; `statuses` counts what was answered."""

    address: str
    examples: int
    signer: FieldDevice | None = None
    shape: Callable[[Case[Any]], None] = lambda _case: None
    checks: tuple[Check, ...] = ()
    statuses: list[int] = field(default_factory=list)

    def ask(self, path: str, method: str, mode: GenerationMode) -> None:
        """So many requests to one operation, sound ones or (negative mode) others."""
        schema = schemathesis.openapi.from_dict(build())
        operation = schema[path][method]
        with requests.Session() as session:
            session.trust_env = False
            session.auth = Signing(self.signer) if self.signer else None

            def one(case: Case[Any]) -> None:
                self.shape(case)
                answer = case.call_and_validate(
                    base_url=self.address, session=session, checks=[*CHECKS, *self.checks]
                )
                self.statuses.append(answer.status_code)

            often(operation.as_strategy(generation_mode=mode), self.examples, one)


def often(
    cases: SearchStrategy[Case[Any]], examples: int, ask: Callable[[Case[Any]], None]
) -> None:
    """So many of them, the same in every run."""

    @seed(SEED)
    @given(case=cases)
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def one(case: Case[Any]) -> None:
        ask(case)

    one()


def speaking_for(device_id: str) -> Callable[[Case[Any]], None]:
    """Names the device in whatever has a place for one, so that the content is looked at too."""

    def shape(case: Case[Any]) -> None:
        if isinstance(case.body, dict) and "device_id" in case.body:
            case.body["device_id"] = device_id

    return shape
