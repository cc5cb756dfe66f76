"""What a device believes of an answer: receipts, rules, digests and cursors, each tampered with on the way."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent_cli.actions.door import packs_of
from agent_cli.context import open_device
from agent_cli.store import applying, meta, mirror, staging
from agent_cli.store.database import writing
from fieldsync.domain.codec import to_json
from fieldsync.errors import FieldsyncError
from fieldsync.sync.cursor import Cursor, seal_cursor
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind
from fieldsync.sync.messages import RECEIPT_TAG
from server.security.text_keys import sign_text
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.agent_cli.strangers import Stranger, standing_in
from tests.device_files import readable_file

Answer = dict[str, Any]
_NO_SIGNATURE = "A" * 86
CASE = "C-000001"


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced once, with a hardship recorded since."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", CASE, "--need", "time").exit_code == 0
    return device


def tampered(
    device: Device, bank: Bank, change: Callable[[Answer], None], *, times: int = 99
) -> str | None:
    """Sync through somebody who changes the first answers; the code it ended with, None if well."""
    left = [times]

    def pass_on(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        data = answer.json()
        left[0] -= 1
        if answer.ok and left[0] >= 0:
            change(data)
        to.say(answer.status_code, json.dumps(data), answer.headers["Content-Type"])

    with standing_in(pass_on) as url:
        device.turn_to(url)
        result = device.run("sync")
    device.turn_to(bank.url)
    if result.exit_code == 0:
        return None
    assert isinstance(result.exception, FieldsyncError), repr(result.exception)
    return result.exception.code


def signed_receipt(bank: Bank, answer: Answer, **changes: object) -> None:
    """Another receipt, signed by the server's true key."""
    body = to_json({**json.loads(answer["receipt"]["body"]), **changes})
    answer["receipt"] = {"body": body, "sig": sign_text(bank.ctx.keys.receipt, RECEIPT_TAG, body)}


def unsign_receipt(answer: Answer) -> None:
    """The receipt under a signature of nobody."""
    answer["receipt"]["sig"] = _NO_SIGNATURE


def test_a_receipt_of_another_key_marks_nothing(bank: Bank, ana: Device) -> None:
    """Nothing counts as delivered, and the next honest exchange delivers it."""
    assert tampered(ana, bank, unsign_receipt) == "409.61"
    assert states(ana) == [("hardship.disclose", "unsent")]
    synced(ana)
    assert states(ana) == [("hardship.disclose", "accepted")]


def test_a_receipt_of_another_log_marks_nothing(bank: Bank, ana: Device) -> None:
    """The server's own signature over another hash is not our log."""
    assert tampered(ana, bank, partial(signed_receipt, bank, head_hash="0" * 64)) == "409.65"
    assert states(ana) == [("hardship.disclose", "unsent")]


def test_a_receipt_of_another_device_marks_nothing(bank: Bank, ana: Device) -> None:
    """A receipt that was made for another device is not ours."""
    assert tampered(ana, bank, partial(signed_receipt, bank, device_id="other")) == "409.62"
    assert states(ana) == [("hardship.disclose", "unsent")]


def test_an_answer_that_stored_nothing_ends(bank: Bank, ana: Device) -> None:
    """A server that always answers and never stores is not asked for ever."""
    assert tampered(ana, bank, partial(signed_receipt, bank, head_seq=0)) == "409.67"
    assert states(ana) == [("hardship.disclose", "unsent")]


def test_pages_that_never_end_are_left(bank: Bank, ana: Device) -> None:
    """An incomplete page that leads nowhere is no Fieldsync server's."""
    with open_device(ana.options) as ctx:
        cursor = meta.read(ctx.conn, "cursor")

    def stand_still(answer: Answer) -> None:
        answer.update(complete=False, changes=[], cursor=cursor, digest=None)

    assert tampered(ana, bank, stand_still) == "601.4"


def test_a_server_that_lost_records_gets_them_back(bank: Bank, ana: Device) -> None:
    """A receipt below what was stored means an older backup: the records go up again (G8)."""
    synced(ana)
    assert tampered(ana, bank, partial(signed_receipt, bank, head_seq=0), times=1) is None
    assert states(ana) == [("hardship.disclose", "accepted")]


def test_forged_rules_do_not_come_into_force(bank: Bank, ana: Device) -> None:
    """The last good rules stay; what was delivered in the same exchange stays delivered."""
    with open_device(ana.options) as ctx:
        before = mirror.bodies(ctx.conn, KeyKind.RULESET)
        rules = packs_of(ctx)

    def forge(answer: Answer) -> None:
        body = {**json.loads(before[0]), "toml": "version = 'free for all'", "sig": _NO_SIGNATURE}
        row = {"key": "ruleset:cn", "op": "PUT", "version": 99, "body": body}
        answer["changes"].append(row)

    assert tampered(ana, bank, forge, times=1) is None
    assert states(ana) == [("hardship.disclose", "accepted")]
    with open_device(ana.options) as ctx:
        assert packs_of(ctx) == rules
    synced(ana)
    with open_device(ana.options) as ctx:
        assert mirror.bodies(ctx.conn, KeyKind.RULESET) == before


@pytest.mark.parametrize("kind", ["another life of the store", "nobody's"])
def test_a_cursor_that_is_gone_brings_a_full_copy(kind: str, bank: Bank, ana: Device) -> None:
    """410 or 400.41: everything is staged and swapped, and the journal is kept."""
    other = seal_cursor(Cursor("another-epoch", ANA.officer_id, 1), bank.ctx.keys.cursor)
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        meta.write(conn, {"cursor": other if kind.startswith("another") else "bm9ib2R5.bm9ib2R5"})
        conn.execute("INSERT INTO mirror VALUES ('case:C-GONE', 'case', 1, '{}')")
    assert synced(ana)["full_copy"] is True
    assert states(ana) == [("hardship.disclose", "accepted")]
    with open_device(ana.options) as ctx:
        assert mirror.body(ctx.conn, "case:C-GONE") is None


def test_a_digest_that_always_differs_is_said(bank: Bank, ana: Device) -> None:
    """After a repair and one full copy the device gives up, keeps its last good rows, and says so."""
    asked: list[bool] = []

    def spoil(answer: Answer) -> None:
        if answer.get("digest"):
            asked.append(answer["complete"])
            answer["digest"]["count"] += 1

    assert tampered(ana, bank, spoil) == "409.63"
    assert len(asked) == 3
    assert states(ana) == [("hardship.disclose", "accepted")]
    assert ana.run("show", "C-000003").exit_code == 0
    assert synced(ana)["full_copy"] is False


def test_a_kind_of_a_newer_server_is_kept(device: Device) -> None:
    """A row this program does not know is stored, so that both sides still count the same."""
    with open_device(device.options) as ctx, writing(ctx.conn) as conn:
        row = FeedRow("poster:P-1", FeedOp.PUT, 1, {"text": "hello"})
        staging.stage(conn, [row])
        applying.apply_staged(conn)
        assert mirror.body(conn, "poster:P-1") == '{"text":"hello"}'
    assert device.run("today").exit_code == 0


@pytest.fixture
def with_files(ana: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device with a signed agreement, whose two files must go up."""
    drawing = tmp_path / "signature.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
        '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>',
        encoding="utf-8",
    )
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    assert ana.run("visit", "start", "C-000002", "--with", "O-0002").exit_code == 0
    # The practice clock begins anew with each command, and nobody signs before the visit.
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 20).isoformat())
    signed = ana.run("agree", "C-000002", *terms, "--signature", str(drawing), "--yes")
    assert signed.exit_code == 0, repr(signed.exception)
    return ana


def test_an_upload_that_broke_off_is_finished(bank: Bank, with_files: Device) -> None:
    """One file of two got through; the next exchange sends the other, and the record is accepted."""
    sent: list[str] = []

    def one_file(to: Stranger) -> None:
        if to.command == "PATCH":
            if sent:
                to.hang_up(b"")
                return
            sent.append(to.path)
        to.pass_on(bank.url)

    with standing_in(one_file) as url:
        with_files.turn_to(url)
        assert getattr(with_files.run("sync").exception, "code", None) == "601.6"
    with_files.turn_to(bank.url)
    assert states(with_files)[-1] == ("agreement.sign", "held")
    assert synced(with_files)["files_uploaded"] == 1
    assert states(with_files)[-1] == ("agreement.sign", "accepted")


def test_a_sign_in_page_does_not_take_a_file(bank: Bank, with_files: Device) -> None:
    """A page that says 200 to everything has stored nothing."""

    def page(to: Stranger) -> None:
        if to.command == "PATCH":
            to.say(200, "<h1>Welcome</h1>")
            return
        to.pass_on(bank.url)

    with standing_in(page) as url:
        with_files.turn_to(url)
        assert getattr(with_files.run("sync").exception, "code", None) == "601.4"
    with_files.turn_to(bank.url)
    assert synced(with_files)["files_uploaded"] == 2


@pytest.mark.parametrize("spoilt", [b"", b"another drawing"])
def test_a_file_that_is_gone_is_said(spoilt: bytes, with_files: Device) -> None:
    """The record waits, the officer is told, and the other file still goes up."""
    files = [path for path in (with_files.home / "files").rglob("*") if path.is_file()]
    (drawing,) = (path for path in files if readable_file(path).startswith(b"<svg"))
    if spoilt:
        drawing.write_bytes(spoilt)
    else:
        drawing.unlink()
    result = with_files.run("sync")
    assert result.exit_code == 0, repr(result.exception)
    assert "1 files of your records are gone" in result.stderr
    assert states(with_files)[-1] == ("agreement.sign", "held")
