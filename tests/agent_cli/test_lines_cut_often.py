"""A line that is cut every so many bytes: the records and files of a day still arrive, in few exchanges (G10)."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent_cli.actions import visit as visits
from agent_cli.context import open_device
from agent_cli.store import cases
from fieldsync.errors import UnreachableError
from fieldsync.locale import set_language
from fieldsync.sync.feed import FeedOp, FeedRow
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device
from tests.lines.counting import count_faults
from tests.lines.proxy import Manner, Proxy

CASE = "C-000001"
_NOTES = 150
_NOTE_BYTES = 400
_PHOTO_BYTES = 400_000
_ROWS = 300
# What no program knows yet is kept and counted all the same.
_KIND = "novel"


@pytest.fixture
def at_work(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced, with a visit under way."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("visit", "start", CASE, "--with", BEN.officer_id).exit_code == 0
    return device


@contextmanager
def _line(bank: Bank, device: Device, every: int) -> Iterator[Proxy]:
    """Cut whenever so many bytes have gone over it in both directions, whichever connection it hits."""
    with Proxy(bank.port) as line:

        def manner(_number: int) -> Manner:
            gone = sum(len(passage.up) + len(passage.down) for passage in line.passages)
            left = every - gone % every
            return Manner(cut_up=left, cut_down=left)

        line.manner = manner
        device.turn_to(line.url)
        yield line


def _exchanges(device: Device, line: Proxy, most: int) -> int:
    """How many syncs it takes until one goes well."""
    for count in range(1, most + 1):
        result = device.run("sync")
        line.settle()
        if result.exception is None:
            return count
        assert isinstance(result.exception, UnreachableError), repr(result.exception)
    return most + 1


def _noise(number: int) -> str:
    """Text that no packing makes much smaller."""
    return random.Random(number).randbytes(300).hex()  # noqa: S311 - nothing secret


def _write_notes(device: Device) -> None:
    """Texts that no packing makes much smaller."""
    drawn = random.Random("notes")  # noqa: S311 - no secret
    with open_device(device.options) as ctx:
        for _number in range(_NOTES):
            text = drawn.randbytes(_NOTE_BYTES // 2).hex()
            visits.note(ctx, cases.load_case(ctx.conn, CASE), text, left_behind=False)


def test_records_over_a_line_that_is_cut_often(bank: Bank, at_work: Device) -> None:
    """150 notes, some 60 kB packed, arrive where the line is cut every 16 kB; one batch of all never would."""
    _write_notes(at_work)
    with _line(bank, at_work, 16_000) as line:
        exchanges = _exchanges(at_work, line, 25)
    at_work.turn_to(bank.url)
    assert exchanges <= 20
    assert {state for _kind, state in states(at_work)} == {"accepted"}
    assert json.loads(at_work.run("status", "--json").stdout)["records"]["accepted"] == _NOTES + 1
    count_faults("line-cut-every-16-kB-records", ["G1", "G10"], exchanges - 1, None)


def test_a_photo_over_a_line_that_is_cut_often(bank: Bank, at_work: Device, tmp_path: Path) -> None:
    """400 kB arrive in chunks where the line is cut every 50 kB, though a chunk may have 1 MiB."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + random.Random("photo").randbytes(_PHOTO_BYTES))  # noqa: S311 - no secret
    assert at_work.run("visit", "note", CASE, "gate", "--attach", str(photo)).exit_code == 0
    with _line(bank, at_work, 50_000) as line:
        exchanges = _exchanges(at_work, line, 40)
        sent = sum(len(passage.up) for passage in line.passages)
    at_work.turn_to(bank.url)
    assert exchanges <= 30
    assert sent < 3 * _PHOTO_BYTES
    assert ("visit.note", "accepted") in states(at_work)
    count_faults("line-cut-every-50-kB-file", ["G10"], exchanges - 1, None)


def test_a_large_pull_over_a_line_that_is_cut_often(bank: Bank, tmp_path: Path) -> None:
    """A page that never gets through whole is asked for in smaller ones, and the pull goes on page by page."""
    rows = [
        AgentChange(
            BEN.officer_id,
            FeedRow(f"{_KIND}:{n}", FeedOp.PUT, 1, {"text": _noise(n)}),
        )
        for n in range(_ROWS)
    ]
    with writing(bank.ctx.engine) as conn:
        publish(conn, rows, bank.ctx.clock.now())
    device = enrolled(bank, tmp_path / "ben", BEN)
    with _line(bank, device, 40_000) as line:
        exchanges = _exchanges(device, line, 40)
    assert 2 < exchanges <= 40
    with open_device(device.options) as ctx:
        held = ctx.conn.execute("SELECT count(*) FROM mirror WHERE kind = ?", (_KIND,)).fetchone()
    assert held[0] == _ROWS


def test_what_was_learnt_is_kept_and_forgotten(bank: Bank, at_work: Device) -> None:
    """The next command begins with half; on a good line the rest of the day goes in ever larger batches."""
    _write_notes(at_work)
    with Proxy(bank.port) as line:
        at_work.turn_to(line.url)
        line.treat(Manner(cut_up=4000))
        assert isinstance(at_work.run("sync").exception, UnreachableError)
        line.treat()
        assert synced(at_work)["sent"] == _NOTES + 1
        line.settle()
        assert len(line.passages) == 3


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", f"{_NOTES + 2} records went up"), ("zh-CN", f"已上传 {_NOTES + 2} 条记录")],
)
def test_what_arrived_before_the_line_broke_is_told(
    bank: Bank, at_work: Device, tmp_path: Path, language: str, told: str
) -> None:
    """The officer learns that the records are there, though the photo is not."""
    _write_notes(at_work)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(_PHOTO_BYTES))
    attached = ("--attach", str(photo))
    assert at_work.run("visit", "note", CASE, "gate", *attached).exit_code == 0
    set_language(language)
    with Proxy(bank.port) as line:
        at_work.turn_to(line.url)
        line.treat(Manner(), Manner(), Manner(cut_up=5000))
        result = at_work.run("sync")
    assert isinstance(result.exception, UnreachableError)
    assert told in result.stderr
