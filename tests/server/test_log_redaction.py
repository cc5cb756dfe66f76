"""What people are called and what they told never reaches a log: marked words through every route of the server."""

import json
import logging

import pytest

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from tests.server.conftest import CaseGiver
from tests.server.every_route import every_route
from tests.server.field_device import FieldDevice

_MARK = "marked-person-7Q"


def test_no_marked_word_reaches_a_log_from_any_route(
    staffed: ServerContext,
    device: FieldDevice,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In address, query, head, cookie and body, signed and unsigned, well-made and broken."""
    caplog.set_level(logging.DEBUG)
    app = create_app(staffed)
    client = app.test_client()
    paths = every_route(app, _MARK)
    assert len(paths) > 20
    body = json.dumps({"name": _MARK, "device_id": _MARK, "code": _MARK, "operations": [_MARK]})
    for method, path in paths:
        for content in (body, f"{{{_MARK}", _MARK):
            client.open(
                f"{path}?q={_MARK}",
                method=method,
                data=content,
                headers={"User-Agent": _MARK, "Cookie": f"s={_MARK}", "X-Name": _MARK},
                content_type="application/json",
            )
        form = {"login": _MARK, "password": _MARK, "reason": _MARK}
        client.open(path, method=method, data=form)
        device.send(method, path, body.encode())
    said = capfd.readouterr()
    for text in (caplog.text, said.out, said.err):
        assert _MARK not in text


def test_a_fault_of_ours_tells_where_and_not_of_whom(
    device: FieldDevice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error's words may hold what a person is called: the log has its kind and its place."""

    def fail(*_args: object, **_named: object) -> None:
        raise RuntimeError(_MARK)

    monkeypatch.setattr("server.api.sync.exchange", fail)
    answer = device.push()
    assert (answer.status_code, answer.get_json()["code"]) == (500, "500.1")
    assert "RuntimeError" in caplog.text
    assert "test_log_redaction.py" in caplog.text
    assert _MARK not in caplog.text + answer.get_data(as_text=True)


def test_a_record_of_a_person_reaches_no_log(
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Accepted or refused, what a record holds is told to nobody but the store."""
    caplog.set_level(logging.DEBUG)
    case_id = give(ana).case_id
    device.record("visit.note", case_id, {"visit_id": device.new_id(), "text": _MARK})
    device.record("no.such.kind", case_id, {"text": _MARK})
    device.sync()
    said = capfd.readouterr()
    for text in (caplog.text, said.out, said.err):
        assert _MARK not in text
