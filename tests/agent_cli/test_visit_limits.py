"""A visit against the clock: warned 15 and 5 minutes before its limit, ended at it, an overrun kept."""

import json

import pytest

from agent_cli.context import open_device
from fieldsync.errors import FieldsyncError
from tests.agent_cli.made_up import Device, at

CASE = "C-000001"
START = ("visit", "start", CASE, "--with", "O-0002", "--minutes", "90")


@pytest.fixture
def late(device: Device, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A visit that began at 21:00, an hour before its limit."""
    _turn_to(monkeypatch, 21)
    assert device.run(*START).exit_code == 0
    return device


def _turn_to(monkeypatch: pytest.MonkeyPatch, hour: int, minute: int = 0) -> None:
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(hour, minute).isoformat())


@pytest.mark.parametrize(
    ("minute", "said"),
    [(44, None), (45, "over in 15 minutes, by 22:00"), (55, "over in 5 minutes, by 22:00")],
)
def test_every_command_warns_before_the_limit(
    minute: int, said: str | None, late: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, so that JSON stays JSON; nothing while there is time."""
    _turn_to(monkeypatch, 21, minute)
    result = late.run("visit", "list", "--json")
    assert json.loads(result.stdout)["visits"]
    assert (said or "TRAINING") in result.stderr
    assert ("must be over" in result.stderr) is (said is not None)


def test_at_the_limit_only_the_exit_is_left(late: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """No further step after ten; `watch` rings and ends; five minutes too long are kept and told."""
    _turn_to(monkeypatch, 22, 5)
    error = late.run("visit", "identity").exception
    assert isinstance(error, FieldsyncError)
    assert error.code == "451.63"
    assert "\aThe visit to C-000001 must end now" in late.run("visit", "watch").stdout
    ended = late.run("visit", "finish", "--outcome", "NOBODY")
    assert ended.exit_code == 0
    assert "beyond its limit" in ended.stderr
    (visit,) = json.loads(late.run("visit", "list", "--json").stdout)["visits"]
    assert 300 <= visit["overrun_s"] <= 310


def test_promises_and_overdue_colleagues_show(device: Device) -> None:
    """A promise made at the door and a colleague who should be out by now stand in `today` and `status`."""
    assert device.run(*START).exit_code == 0
    promise = ("--promise-date", "2026-11-25", "--promise-amount", "800.00", "--identity-shown")
    assert device.run("visit", "finish", CASE, "--outcome", "PTP", *promise).exit_code == 0
    told = {
        "visit_id": "V-9", "case_id": "C-000009", "officers": ["O-0002"],
        "started_at": at(8).isoformat(), "expected_end": at(9).isoformat(),
    }  # fmt: skip
    with open_device(device.options) as ctx:
        ctx.conn.execute(
            "INSERT INTO mirror (key, kind, version, body) VALUES ('visit:V-9', 'visit', 1, ?)",
            (json.dumps(told),),
        )
    for command in ("today", "status"):
        result = device.run(command)
        assert "Promise due on 2026-11-25: C-000001" in result.stdout
        assert "O-0002 are overdue at C-000009" in result.stderr
        facts = json.loads(device.run(command, "--json").stdout)
        assert facts["visits_under_way"][0]["overdue"]
        assert not facts["promises"][0]["overdue"]
