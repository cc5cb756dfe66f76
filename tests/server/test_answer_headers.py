"""Every answer of the server says that it is not kept, not guessed at and not framed; with TLS, TLS alone."""

import dataclasses

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.app import create_app
from server.context import ServerContext
from tests.server.every_route import METHODS, every_route
from tests.server.field_device import FieldDevice

_SAID = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
_STATIC = ("/office/static/office.css", "/v/static/verification.css")


def held_to(answer: TestResponse) -> None:
    """All of them, once each; a content security policy that lets nobody frame it."""
    for name, value in _SAID.items():
        assert answer.headers.getlist(name) == [value], (answer.request.path, name)
    (policy,) = answer.headers.getlist("Content-Security-Policy")
    for rule in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert answer.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert "Access-Control-Allow-Origin" not in answer.headers
    if (answer.mimetype or "").startswith("text/"):
        assert "charset=utf-8" in answer.headers["Content-Type"]
    answer.close()


def test_every_answer_has_its_headers(client: FlaskClient, device: FieldDevice) -> None:
    """Pages, problems, files of our own, an unknown address, a method that no address takes, an exchange."""
    routes = every_route(client.application, "x")
    assert len(routes) > 40
    for method, path in routes:
        held_to(client.open(path, method=method))
        held_to(device.send(method, path, b"{}"))
    for path in ("/", "/api/v1/nothing", "/office/nothing", *_STATIC):
        held_to(client.get(path))
    held_to(client.open("/api/v1/sync", method="DELETE"))
    held_to(device.push())


def test_a_fault_of_ours_has_them_too(device: FieldDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of the program: no trace, no name of a file, no word of the error."""

    def fail(*_args: object, **_named: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("server.api.sync.exchange", fail)
    answer = device.push()
    assert answer.status_code == 500
    held_to(answer)
    for word in ("secret inside", "Traceback", ".py", "RuntimeError"):
        assert word not in answer.get_data(as_text=True)


def test_with_tls_every_answer_asks_for_tls(staffed: ServerContext) -> None:
    """Where the settings say that people come by https: for a year, on the API and its errors too."""
    office = dataclasses.replace(staffed.config.office, public_url="https://office.example")
    config = dataclasses.replace(staffed.config, office=office)
    client = create_app(dataclasses.replace(staffed, config=config)).test_client()
    for path in ("/healthz", "/api/v1/nothing", "/office/sign-in", "/v/", *_STATIC):
        answer = client.get(path)
        said = answer.headers.getlist("Strict-Transport-Security")
        answer.close()
        assert said == ["max-age=31536000; includeSubDomains"], path


def test_methods_that_no_route_takes_are_refused(client: FlaskClient) -> None:
    """TRACE, CONNECT and every other method are 405 with the list of those taken; nothing is echoed."""
    taken = set(every_route(client.application, "x"))
    for path in sorted({path for _method, path in taken}):
        for method in ("TRACE", "CONNECT", "PROPFIND", *METHODS):
            if (method, path) not in taken:
                answer = client.open(path, method=method, headers={"X-Echo": "marked-echo"})
                assert answer.status_code == 405, (method, path)
                assert b"marked-echo" not in answer.get_data()
