"""The server speaks this protocol and the one before: a frozen exchange of version 1, and what strangers hear."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from fieldsync.domain.officer import Officer
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOLS_SPOKEN
from server.app import create_app
from server.context import open_server
from server.store.assignments import assign
from server.store.cases import save_bank_parts
from server.store.devices import add_device
from server.store.engine import writing
from server.store.feed import publish
from server.store.tables import meta, officers
from server.workflow.share_cases import share_cases
from tests.conftest import ROOT
from tests.fakes import FixedClock
from tests.server.case_files import case_file
from tests.server.field_device import FieldDevice

FROZEN = json.loads((ROOT / "fixtures/protocol/version_1.json").read_text(encoding="utf-8"))
EPOCH = "019ab000-0000-7000-8000-000000000001"
# Sentences may be worded better; the languages they are told in stay.
WORDED = "message"


@pytest.fixture
def then(server_home: Path, clock: FixedClock, ana: Officer, ben: Officer) -> Iterator[FlaskClient]:
    """A client of a server as it stood when the exchange was frozen: its keys, epoch, device and cases."""
    for name, letter in (("receipt.key", b"r"), ("cursor.key", b"c")):
        (server_home / "keys" / name).write_bytes(letter * 32)
    ctx = dataclasses.replace(open_server(str(server_home)), clock=clock)
    now = clock.now()
    with writing(ctx.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ana, ben)])
        conn.execute(update(meta).where(meta.c.name == "epoch").values(value=EPOCH))
        add_device(conn, officer_id=ana.officer_id, name="old", at=now, **FROZEN["device"])
        save_bank_parts(conn, [case_file("C-1"), case_file("C-2")], now)
        assign(conn, ctx.new_id(), "C-1", ana.officer_id, now)
        publish(conn, share_cases(conn, ["C-1"]), now)
    yield create_app(ctx).test_client()
    ctx.engine.dispose()


def missing(frozen: Any, today: Any, path: str = "$") -> list[str]:
    """Where today's answer does not tell what the frozen one told; it may tell more."""
    if isinstance(frozen, dict):
        if not isinstance(today, dict):
            return [path]
        if path.endswith(WORDED):
            return [] if frozen.keys() == today.keys() else [path]
        gone = [f"{path}.{key}" for key in frozen.keys() - today.keys()]
        shared = frozen.keys() & today.keys()
        return gone + [
            found for key in shared for found in missing(frozen[key], today[key], f"{path}.{key}")
        ]
    if isinstance(frozen, list):
        if not isinstance(today, list) or len(frozen) != len(today):
            return [path]
        pairs = enumerate(zip(frozen, today, strict=True))
        return [found for n, (f, t) in pairs for found in missing(f, t, f"{path}[{n}]")]
    return [] if frozen == today else [path]


def test_a_device_of_version_1_is_served_as_ever(then: FlaskClient) -> None:
    """The very bytes of its request, signature and all, bring everything that they brought then."""
    asked = FROZEN["request"]
    answer = then.open(
        asked["path"],
        method=asked["method"],
        data=asked["body"].encode(),
        headers=asked["headers"],
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert missing(FROZEN["answer"], answer.get_json()) == []


def test_the_comparison_finds_what_is_missing() -> None:
    """A part that is gone, another value, a shorter list: each is found, and more is no fault."""
    frozen = {"a": [1, {"b": 2}], "message": {"en": "x", "zh-CN": "y"}}
    assert missing(frozen, {"a": [1, {"b": 2, "c": 3}], "message": {"en": "z", "zh-CN": "w"}}) == []
    assert set(missing(frozen, {"a": [1], "message": {"en": "x"}})) == {"$.a", "$.message"}
    assert missing(frozen, {"a": [1, {"b": 3}], "message": frozen["message"]}) == ["$.a[1].b"]


@pytest.mark.parametrize("version", PROTOCOLS_SPOKEN)
def test_both_versions_are_spoken(device: FieldDevice, version: int) -> None:
    """An accepted record is answered with its outcome whichever version the device speaks."""
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "nobody at home"})
    message = {
        "device_id": device.device_id,
        "cursor": None,
        "operations": [dataclasses.asdict(one) for one in device.journal],
    }
    answer = device.post("/api/v1/sync", message, extra={PROTOCOL_HEADER: str(version)})
    assert answer.status_code == 200
    (result,) = answer.get_json()["results"]
    assert result["op_id"] in device.journal[0].body


@pytest.mark.parametrize("version", ["", "0", "3", "two", "1, 2"])
def test_another_version_is_told_both(device: FieldDevice, version: str) -> None:
    """Before anything else is looked at, the answer names what the device speaks and what the server does."""
    answer = device.post("/api/v1/sync", {}, extra={PROTOCOL_HEADER: version})
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (426, "426.1")
    assert told["protocols"] == list(PROTOCOLS_SPOKEN)
    assert (version or "-") in told["detail"]
    assert ", ".join(str(spoken) for spoken in PROTOCOLS_SPOKEN) in told["detail"]
