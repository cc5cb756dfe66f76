"""Whatever is sent, signed or not: a documented problem or a whole answer, never a fault of the server."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from fieldsync.sync.chain import Head
from fieldsync.sync.digest import bucket_digests
from fieldsync.sync.operation import decode_body, genesis_hash
from server.context import ServerContext
from server.limit_settings import LimitSettings
from server.store.account_tables import metadata
from server.store.engine import reading
from tests.conftest import ROOT, Proven
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

Message = dict[str, Any]
NASTY = st.one_of(
    st.sampled_from(
        (
            "",
            "\x00",
            "a\x00b",
            "\ud800",
            "x" * 100_000,
            "🧧",
            -1,
            0,
            2**63,
            10**400,
            1e308,
            None,
            True,
        )
    ),
    st.sampled_from(([], {}, [[[[[[]]]]]], {"": {"": {}}}, [None] * 1000)),
    st.text(max_size=8),
)
# What every request leaves, refused or not.
_PASSING = frozenset({"nonces", "audit"})
# What a refused push may leave: the other record of a fork, and the stop that a record asks for ahead
# of its place, told to the devices. What nobody signed is counted.
_STOPPED = frozenset({"early_operations", "holds", "agent_feed", "agent_counters"})
_COUNTED = frozenset({"sign_in_tries"})
EVIDENCE = {
    "401.1": _COUNTED,
    "401.4": _COUNTED,
    "409.41": _STOPPED,
    "409.42": _STOPPED | {"forks"},
}
_SETTINGS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def limits() -> LimitSettings:
    """Whatever comes is looked at, however much of it was wrong."""
    return LimitSettings(device_requests=10**6, source_refusals=10**6)


def documented() -> frozenset[str]:
    """Every code of the reference."""
    pages = (ROOT / "docs" / "reference" / "problems").glob("*.md")
    return frozenset(
        code
        for page in pages
        for code in re.findall(r"^\| (\d{3}\.\d+) ", page.read_text("utf-8"), re.MULTILINE)
    )


def stored(ctx: ServerContext) -> dict[str, int]:
    """How many rows every table holds."""
    with reading(ctx.engine) as conn:
        return {
            name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in _PASSING
        }


def messages(device: FieldDevice) -> dict[str, Message]:
    """A sound message for every address that takes one."""
    pushed = [{"body": one.body, "sig": one.sig} for one in device.journal[-2:]]
    zeros = [{"count": one.count, "sum": one.sum} for one in bucket_digests([])]
    named = {"device_id": device.device_id}
    return {
        "/api/v1/sync": {**named, "cursor": device.cursor, "operations": pushed, "urgent": []},
        "/api/v1/repair": {**named, "buckets": zeros},
        "/api/v1/quarantine": {**named, "operations": pushed},
        "/api/v1/enrol": device.enrolment("AAAA-BBBB-CCCC"),
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a message."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(deeper for key, part in inside for deeper in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The message with something else in one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.fixture
def busy(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """Ana's device with a case, some history at the server and two records that wait."""
    give(ana)
    visit_id = device.new_id()
    device.record("visit.start", "C-1", visit_start(visit_id, "E1001", "E1002"))
    device.sync()
    device.record("visit.finish", "C-1", visit_finish(visit_id, "NOBODY"))
    device.record(
        "hardship.disclose", "C-1", disclosure(device.new_id(), "C-1", device.clock.now())
    )
    return device


def held_to(ctx: ServerContext, send: Callable[[], Any]) -> str:
    """Send: a whole answer, or a documented problem that left nothing behind; its code."""
    before = stored(ctx)
    answer = send()
    if answer.status_code < 300:
        return ""
    code = str(answer.get_json()["code"])
    assert answer.status_code < 500, (code, answer.get_data(as_text=True))
    assert code in documented(), code
    after = stored(ctx)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= EVIDENCE.get(code, frozenset()), (code, changed)
    return code


@_SETTINGS
@given(data=st.data())
def test_a_signed_message_with_anything_in_it(
    busy: FieldDevice, staffed: ServerContext, data: st.DataObject
) -> None:
    """An enrolled device may say anything: each place of each message replaced."""
    path, message = data.draw(
        st.sampled_from(sorted(messages(busy).items(), key=lambda one: one[0]))
    )
    place = data.draw(st.sampled_from(places(message)))
    altered = replaced(message, place, data.draw(NASTY))
    held_to(staffed, lambda: busy.post(path, altered))


@_SETTINGS
@given(data=st.data())
def test_a_message_altered_on_the_way(
    busy: FieldDevice, staffed: ServerContext, data: st.DataObject
) -> None:
    """One byte of a signed body changed by somebody else: nobody signed that."""
    path, message = data.draw(
        st.sampled_from(sorted(messages(busy).items(), key=lambda one: one[0]))
    )
    raw = json.dumps(message).encode()
    at = data.draw(st.integers(0, len(raw) - 1))
    altered = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    client, real = busy.client, busy.client.open
    busy.client = _Altering(real, altered)  # type: ignore[assignment]  # stands for the line
    try:
        code = held_to(staffed, lambda: busy.send("POST", path, raw))
    finally:
        busy.client = client
    assert code.startswith(("400", "401"))


class _Altering:
    """A line that sends other content than was signed."""

    def __init__(self, real: Callable[..., Any], content: bytes) -> None:
        self._real, self._content = real, content

    def open(self, path: str, **how: Any) -> Any:
        """The same request around other bytes."""
        return self._real(path, **{**how, "data": self._content})


@_SETTINGS
@given(data=st.data())
def test_a_record_with_anything_in_it(
    busy: FieldDevice, staffed: ServerContext, data: st.DataObject
) -> None:
    """Authentic records of any content: stored with an outcome, or refused whole."""
    visit = visit_start(busy.new_id(), "E1001", "E1002")
    payloads = {
        "visit.start": visit,
        "visit.finish": visit_finish(str(visit["visit_id"])),
        "hardship.disclose": disclosure(busy.new_id(), "C-1", busy.clock.now()),
        "visit.note": {"visit_id": "V", "text": "a remark"},
        "visit.refused": {"address_id": "home", "action": "visit_start", "findings": []},
    }
    kind = data.draw(st.sampled_from(sorted(payloads)))
    payload = payloads[kind]
    altered = replaced(payload, data.draw(st.sampled_from(places(payload)[1:])), data.draw(NASTY))
    head, length = busy.head, len(busy.journal)
    try:
        busy.record(kind, "C-1", altered)
    except (UnicodeEncodeError, OverflowError, TypeError):
        return
    if held_to(staffed, lambda: busy.push(*busy.journal, cursor=busy.cursor)):
        busy.head = head
        del busy.journal[length:]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"[" * (60 << 20)),
        b"[" * 200_000,
        b'{"device_id":' * 5000,
        b'{"cursor":' + b"9" * 100_000 + b"}",
        b"\xff\xfe\x00",
        b"",
    ],
    ids=["bomb", "deep", "deep objects", "huge number", "no text", "nothing"],
)
def test_garbage(content: bytes, busy: FieldDevice, staffed: ServerContext) -> None:
    """No address gives way to it, packed or plain."""
    for path in messages(busy):
        for coding in ("gzip", "zstd", "identity"):
            extra = {"Content-Encoding": coding}
            assert held_to(staffed, partial(busy.send, "POST", path, content, extra=extra))


def test_what_does_not_fit_the_log_leaves_its_evidence_alone(
    busy: FieldDevice, staffed: ServerContext, proven: Proven
) -> None:
    """A gap leaves nothing, a fork the other record, an id used twice nothing."""
    note = {"visit_id": "V", "text": "a remark"}
    busy.record("visit.note", "C-1", note)
    assert held_to(staffed, lambda: busy.push(busy.journal[-1])) == "409.41"
    stored_first, head = busy.journal[0], busy.head
    busy.head = Head(0, genesis_hash(busy.device_id))
    busy.record("visit.note", "C-1", note)
    before = stored(staffed)
    assert held_to(staffed, lambda: busy.push(busy.journal.pop())) == "409.42"
    assert stored(staffed) == {**before, "forks": before["forks"] + 1}
    busy.head = head
    used = decode_body(stored_first.body).op_id
    twice = replace(decode_body(busy.journal[1].body), op_id=used)
    assert held_to(staffed, lambda: busy.push(stored_first, busy.seal(twice))) == "409.43"
    assert stored(staffed) == {**before, "forks": before["forks"] + 1}
    proven(("bad input", "G2", "G6"), faults=3, steps=3)


@pytest.mark.slow
def test_signed_messages_for_long(
    busy: FieldDevice, staffed: ServerContext, proven: Proven
) -> None:
    """Two thousand times anything in any place of any message."""
    codes: Counter[str] = Counter()

    @settings(
        max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(data=st.data())
    def say(data: st.DataObject) -> None:
        sound = messages(busy)
        path = data.draw(st.sampled_from(sorted(sound)))
        place = data.draw(st.sampled_from(places(sound[path])))
        altered = replaced(sound[path], place, data.draw(NASTY))
        codes[held_to(staffed, lambda: busy.post(path, altered))] += 1

    say()
    refused = sum(codes.values()) - codes[""]
    assert refused > 200
    proven(("bad input",), faults=refused, steps=2000)


def test_cursors_of_others(busy: FieldDevice, staffed: ServerContext, proven: Proven) -> None:
    """A cursor that is nobody's, altered, or cut is refused with nothing stored."""
    cursor = str(busy.cursor)
    for altered in (cursor[:-1], cursor[::-1], "." + cursor, cursor + "A", "\x00", "a.b"):
        assert held_to(staffed, partial(busy.push, *busy.journal, cursor=altered)) in {
            "400.41",
            "400.42",
        }
    proven(("bad input",), faults=6, steps=6)
