"""Between check-in and exit: steps in their order, a visit broken off, and its way out."""

import json
from datetime import timedelta
from typing import Any

import pytest

from agent_cli.context import open_device
from agent_cli.store import cases, journal
from fieldsync.domain.case import HoldKind
from fieldsync.domain.visit import StopCause
from fieldsync.errors import FieldsyncError
from fieldsync.locale import set_language
from tests.agent_cli.keyboard import Step, converse
from tests.agent_cli.made_up import Device, at

CASE = "C-000001"
START = ("visit", "start", CASE, "--with", "O-0002")
_OUTCOMES = {
    StopCause.ASKED_TO_LEAVE: "ASKED_TO_LEAVE",
    StopCause.DISTRESS: "ABORTED_RULE",
    StopCause.LACKS_CAPACITY: "ABORTED_RULE",
    StopCause.MINOR_ALONE: "ABORTED_RULE",
    StopCause.UNSAFE: "UNSAFE",
}


def done(device: Device, *args: str) -> str:
    """What a run that must succeed says on stderr."""
    result = device.run(*args)
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    return result.stderr


def failed(device: Device, *args: str) -> str:
    """The product's code of a run that must fail."""
    error = device.run(*args).exception
    assert isinstance(error, FieldsyncError), repr(error)
    return error.code


def payloads(device: Device) -> list[dict[str, Any]]:
    """Kind and payload of every record."""
    with open_device(device.options) as ctx:
        found = [entry.operation for entry in journal.entries(ctx.conn)]
    return [{"kind": op.kind, **op.payload} for op in found if op is not None]


def kinds(device: Device) -> list[str]:
    """The kinds of all records."""
    return [str(kept["kind"]) for kept in payloads(device)]


def holds(device: Device) -> list[tuple[HoldKind, str]]:
    """What stops collection on the case."""
    with open_device(device.options) as ctx:
        return [(hold.kind, hold.source) for hold in cases.load_case(ctx.conn, CASE).holds]


def test_the_steps_come_in_their_order(device: Device) -> None:
    """Identity, consent, entry, papers: each one record; the case need not be named."""
    done(device, *START)
    for args in (("identity",), ("enter", "--agreed"), ("papers",)):
        done(device, "visit", *args)
    done(device, "visit", "finish", "--outcome", "MET_DEBTOR")
    kept = payloads(device)
    assert [k["step"] for k in kept if k["kind"] == "visit.step"] == [
        "identity_shown", "entry_agreed", "entered", "papers_handed_over"
    ]  # fmt: skip
    assert kept[-1]["identity_shown"]


@pytest.mark.parametrize("step", [("enter", "--agreed"), ("papers",)])
def test_the_cards_come_first(step: tuple[str, ...], device: Device) -> None:
    """CN-ID: nothing before both identity cards were shown, and a step is recorded once."""
    done(device, *START)
    assert failed(device, "visit", *step) == "600.27"
    done(device, "visit", "identity")
    assert failed(device, "visit", "identity") == "600.27"
    assert kinds(device) == ["visit.start", "visit.step"]


def test_nobody_goes_in_unasked(device: Device) -> None:
    """CN-ENTRY: refused and recorded without consent, with it they go in; the rule is shown in Chinese too."""
    done(device, *START)
    done(device, "visit", "identity")
    set_language("zh-CN")
    refused = device.run("visit", "enter", CASE)
    assert getattr(refused.exception, "code", None) == "451.61"
    assert "CN-ENTRY" in refused.stderr
    assert "同意" in refused.stderr
    last = payloads(device)[-1]
    assert (last["kind"], last["action"]) == ("visit.refused", "visit.enter")
    done(device, "visit", "enter", "--agreed")


def test_going_in_is_asked_on_a_terminal(device: Device) -> None:
    """Enter alone is no consent: refused; `y` is."""
    done(device, *START)
    done(device, "visit", "identity")
    no = converse(device.home, ("visit", "enter"), (Step("Did they agree", ""),))
    assert "CN-ENTRY" in no.screen
    yes = converse(device.home, ("visit", "enter"), (Step("Did they agree", "y"),))
    assert yes.code == 0, yes.screen


def test_without_a_visit_there_is_no_step(device: Device) -> None:
    """404.67 where none is under way, 404.64 where another is; nothing is recorded."""
    for step in ("identity", "enter", "papers", "finish", "unsafe", "watch"):
        assert failed(device, "visit", step) == "404.67"
    assert failed(device, "visit", "leave", "--because", "distress") == "404.67"
    done(device, *START)
    assert failed(device, "visit", "identity", "C-000002") == "404.64"
    assert kinds(device) == ["visit.start"]


@pytest.mark.parametrize("cause", [cause for cause in StopCause if cause is not StopCause.UNSAFE])
def test_a_visit_broken_off_has_only_a_way_out(
    cause: StopCause, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop and hold come together; then nothing but `finish`, which tells the seconds it took."""
    done(device, *START)
    said = done(device, "visit", "leave", CASE, "--because", cause.value)
    assert "Collection on C-000001 has stopped on this device" in said
    visit_id = payloads(device)[0]["visit_id"]
    assert holds(device) == [(HoldKind.OFFICE, f"visit:{visit_id}")]
    for args in (
        ("identity",),
        ("enter", "--agreed"),
        ("papers",),
        ("note", CASE, "one more word"),
        ("leave", "--because", "distress"),
        ("finish", "--outcome", "PTP"),
    ):
        assert failed(device, "visit", *args) == "600.27"
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", (at(10) + timedelta(seconds=95)).isoformat())
    said = done(device, "visit", "finish")
    stop, finish = payloads(device)[1:]
    assert f"You were out {finish['exit_seconds']} seconds after the stop." in said
    assert "broken off" not in said
    assert (stop["kind"], stop["cause"]) == ("visit.stop", cause.value)
    assert finish["outcome"] == _OUTCOMES[cause]
    # The training clock goes on while the test does its work.
    assert 90 <= finish["exit_seconds"] <= 95
    assert finish["overrun_s"] == 0


def test_a_broken_off_visit_is_off_the_day(device: Device) -> None:
    """`today` shows the case on hold, the next stop is another one, and the door stays shut."""
    done(device, *START)
    done(device, "visit", "leave", "--because", "asked_to_leave")
    assert "is broken off: leave, then finish it" in done(device, "today")
    done(device, "visit", "finish")
    stop = json.loads(device.run("today", "--json").stdout)["stops"][0]
    assert (stop["state"], stop["outcome"], stop["hold"]) == ("done", "ASKED_TO_LEAVE", "office")
    assert "C-000002" in done(device, "today")
    assert failed(device, *START) == "451.61"


def test_why_it_is_broken_off_is_asked(device: Device) -> None:
    """On a terminal the codes are shown and one is taken; without one it is 600.35, not a guess."""
    done(device, *START)
    assert failed(device, "visit", "leave") == "600.35"
    said = converse(device.home, ("visit", "leave"), (Step("Why?", "minor_alone"),))
    assert said.code == 0, said.screen
    assert kinds(device) == ["visit.start", "visit.stop"]


def test_unsafe_is_one_step(device: Device) -> None:
    """Stop, hold and exit at once; whom to call comes before anything else, in Chinese too."""
    done(device, *START)
    set_language("zh-CN")
    said = done(device, "visit", "unsafe")
    assert "110" in said
    assert "120" in said
    assert kinds(device) == ["visit.start", "visit.stop", "visit.finish"]
    assert payloads(device)[-1]["outcome"] == "UNSAFE"
    assert [kind for kind, _source in holds(device)] == [HoldKind.OFFICE]


def test_unsafe_on_the_way_out(device: Device) -> None:
    """After `leave` it may still become unsafe: no second stop, the outcome says so."""
    done(device, *START)
    done(device, "visit", "leave", "--because", "distress")
    done(device, "visit", "unsafe", CASE)
    assert kinds(device) == ["visit.start", "visit.stop", "visit.finish"]
    assert payloads(device)[-1]["outcome"] == "UNSAFE"


def test_elsewhere_other_numbers_help(device: Device) -> None:
    """The police of mainland China are not called from Hong Kong; the lender's telephone shows if known."""
    done(device, *START)
    with open_device(device.options) as ctx:
        ctx.conn.execute(
            "UPDATE mirror SET body = json_set(body, '$.addresses[0].country', 'HK')"
            " WHERE key = 'case:C-000001'"
        )
        ctx.conn.execute(
            "UPDATE mirror SET body = json_set(body, '$.lender.phone', '852 5555 0100')"
            " WHERE kind = 'roster'"
        )
    said = done(device, "visit", "unsafe")
    assert "112" in said
    assert "110" not in said
    assert "Then the office: 852 5555 0100." in said
