"""What a device's requests carry: what is urgent goes first, the newest receipt along, in a common protocol."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent_cli.actions.disclose import disclose
from agent_cli.actions.record import record_operation
from agent_cli.context import open_device
from agent_cli.store import journal, meta
from agent_cli.store.database import writing
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.errors import FieldsyncError
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.messages import PROTOCOL_HEADER
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.agent_cli.strangers import Stranger, standing_in

Message = dict[str, Any]
NOTES = 600


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced once."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    return device


def sent(to: Stranger) -> Message:
    """The message in a request."""
    content = to.content
    if to.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    message: Message = json.loads(content)
    return message


def passing(bank: Bank, seen: list[tuple[str, Message]]) -> Callable[[Stranger], None]:
    """Passes everything on and notes the protocol and message of each request for the log."""

    def pass_on(to: Stranger) -> None:
        if to.path == "/api/v1/sync":
            seen.append((to.headers[PROTOCOL_HEADER], sent(to)))
        answer = to.passed_on(bank.url)
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    return pass_on


def test_what_stops_collection_does_not_wait(bank: Bank, ana: Device) -> None:
    """A disclosure behind more notes than one request takes goes along in the first one, once."""
    with open_device(ana.options) as ctx:
        with writing(ctx.conn) as conn:
            for number in range(NOTES):
                record_operation(
                    ctx, conn, OperationKind.VISIT_NOTE, "C-000001", {"text": str(number)}
                )
        disclose(ctx, Disclosure("D-1", "C-000002", None, at(10), "debtor", (Need.TIME,)))
        last = journal.entries(ctx.conn)[-1]
    seen: list[tuple[str, Message]] = []
    with standing_in(passing(bank, seen)) as url:
        ana.turn_to(url)
        assert synced(ana)["sent"] == NOTES + 1
    ana.turn_to(bank.url)
    first, second = (message for _protocol, message in seen)
    assert len(first["operations"]) == 500
    assert [operation["body"] for operation in first["urgent"]] == [last.body]
    assert len(second["operations"]) == NOTES + 1 - 500
    assert second["urgent"] == []
    assert states(ana)[-1] == ("hardship.disclose", "accepted")


def test_nothing_is_sent_twice_in_one_request(bank: Bank, ana: Device) -> None:
    """A disclosure that the batch reaches is not repeated beside it."""
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    seen: list[tuple[str, Message]] = []
    with standing_in(passing(bank, seen)) as url:
        ana.turn_to(url)
        synced(ana)
    ana.turn_to(bank.url)
    assert [len(message["operations"]) for _protocol, message in seen] == [1]
    assert seen[0][1]["urgent"] == []


def test_the_newest_receipt_goes_along(bank: Bank, ana: Device) -> None:
    """What the server signed last is shown to it again, so that a restored one learns what it lost."""
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    seen: list[tuple[str, Message]] = []
    with standing_in(passing(bank, seen)) as url:
        ana.turn_to(url)
        synced(ana)
        synced(ana)
    ana.turn_to(bank.url)
    assert json.loads(seen[0][1]["receipt"]["body"])["head_seq"] == 0
    assert json.loads(seen[1][1]["receipt"]["body"])["head_seq"] == 1


def old_server(bank: Bank, protocols: list[int]) -> tuple[Callable[[Stranger], None], list[str]]:
    """A server that speaks only these versions; and which versions it was asked in."""
    asked: list[str] = []

    def answer(to: Stranger) -> None:
        asked.append(to.headers[PROTOCOL_HEADER])
        if int(asked[-1]) not in protocols:
            body = {"type": "about:blank", "title": "x", "status": 426, "hint": None}
            body |= {"detail": "Other versions.", "code": "426.1", "protocols": protocols}
            to.say(426, json.dumps(body), "application/problem+json")
            return
        assert not {"urgent", "receipt"} & sent(to).keys()
        reply = to.passed_on(bank.url)
        to.say(reply.status_code, reply.text, reply.headers["Content-Type"])

    return answer, asked


def test_an_older_server_is_spoken_to_in_its_own_version(
    bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one refusal the device speaks version 1, remembers it for a day, then tries the newest again."""
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    answer, asked = old_server(bank, [1])
    with standing_in(answer) as url:
        ana.turn_to(url)
        synced(ana)
        assert asked == ["2", "1"]
        synced(ana)
        assert asked == ["2", "1", "1"]
        monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(11).replace(day=25).isoformat())
        ana.run("sync")
        assert asked[3] == "2"
    ana.turn_to(bank.url)
    assert states(ana) == [("hardship.disclose", "accepted")]


@pytest.mark.parametrize(
    ("protocols", "code", "english"),
    [([0], "426.61", "server must be updated"), ([7, 8], "426.62", "Update this program")],
    ids=["server older", "device older"],
)
def test_versions_that_cannot_talk_are_told_apart(
    protocols: list[int], code: str, english: str, bank: Bank, ana: Device
) -> None:
    """Which side is older is said, exit 9, and the records stay."""
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    answer, asked = old_server(bank, protocols)
    with standing_in(answer) as url:
        ana.turn_to(url)
        error = ana.run("sync").exception
    ana.turn_to(bank.url)
    assert isinstance(error, FieldsyncError)
    assert (error.code, error.exit_code) == (code, 9)
    assert english in str(error.hint)
    assert asked == ["2"]
    assert states(ana) == [("hardship.disclose", "unsent")]


def test_a_server_that_was_updated_is_spoken_to_in_the_newest(bank: Bank, ana: Device) -> None:
    """The remembered version is no longer spoken there: the device goes up again at once."""
    found = {"version": 1, "found_at": at(10).isoformat()}
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        meta.write(conn, {"protocol": json.dumps(found)})
    seen: list[str] = []

    def newer(to: Stranger) -> None:
        seen.append(to.headers[PROTOCOL_HEADER])
        if seen[-1] == "1":
            body = {"type": "about:blank", "title": "x", "status": 426, "hint": None}
            body |= {"detail": "Other versions.", "code": "426.1", "protocols": [2, 3]}
            to.say(426, json.dumps(body), "application/problem+json")
            return
        reply = to.passed_on(bank.url)
        to.say(reply.status_code, reply.text, reply.headers["Content-Type"])

    with standing_in(newer) as url:
        ana.turn_to(url)
        synced(ana)
    ana.turn_to(bank.url)
    assert seen == ["1", "2"]
