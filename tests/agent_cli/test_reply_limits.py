"""Answers without an end are cut off, huge or dripping, head or content; and what is cut short is told so."""

import gzip
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_cli import least_speed
from fieldsync.errors import FieldsyncError
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device
from tests.agent_cli.strangers import Stranger, standing_in

_OVER = threading.Event()


@pytest.fixture
def ana(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device with a record to send."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    # Only now: the honest bank may need longer on a machine with much to do.
    monkeypatch.setenv("FIELDSYNC_TIMEOUT_S", "1")
    return device


def _head(to: Stranger, **headers: str) -> None:
    to.send_response(200)
    to.send_header("Content-Type", "application/json")
    for name, value in headers.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    to.close_connection = True


def _pour(to: Stranger, piece: bytes, wait_s: float = 0.0) -> None:
    try:
        while not _OVER.wait(wait_s):
            to.wfile.write(piece)
            to.wfile.flush()
    except OSError:
        return


def _endless(to: Stranger) -> None:
    _head(to)
    _pour(to, b"[" * (1 << 20))


def _trailing(to: Stranger) -> None:
    """A whole packed answer, and then whatever comes."""
    _head(to, Content_Encoding="gzip")
    to.wfile.write(gzip.compress(b"{}"))
    _pour(to, b"[" * (1 << 20))


def _packed(to: Stranger) -> None:
    """Forty megabytes that came as forty kilobytes."""
    content = gzip.compress(b"[" * (40 << 20))
    _head(to, Content_Encoding="gzip", Content_Length=str(len(content)))
    to.wfile.write(content)


def _dripping(to: Stranger) -> None:
    _head(to)
    _pour(to, b" ", 0.02)


def _say_and_pour(said: bytes, piece: bytes, wait_s: float) -> Callable[[Stranger], None]:
    def answer(to: Stranger) -> None:
        to.close_connection = True
        to.wfile.write(said)
        _pour(to, piece, wait_s)

    return answer


_LINE = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _LINE + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "content": _endless,
    "packed content": _packed,
    "what follows it": _trailing,
    "dripping content": _dripping,
    "a dripping line of the head": _say_and_pour(_LINE + b"X: ", b"x", 0.02),
    "a dripping first line": _say_and_pour(b"", b"H", 0.02),
    "dripping headers": _say_and_pour(_LINE, b"X: x\r\n", 0.05),
    "head after head": _say_and_pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0),
    "a dripping size of a chunk": _say_and_pour(_CHUNKED, b"0", 0.02),
    "dripping trailers": _say_and_pour(_CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: x\r\n", 0.05),
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_answer_without_end_is_left(
    answer: Callable[[Stranger], None], bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """601.7, exit 7, nothing of it is taken, and the next honest exchange delivers."""
    monkeypatch.setattr(least_speed, "_GRACE", 0.5)
    _OVER.clear()
    with standing_in(answer) as url:
        ana.turn_to(url)
        error = ana.run("sync").exception
        levels = {
            c["check"]: c["level"] for c in json.loads(ana.run("doctor", "--json").stdout)["checks"]
        }
        _OVER.set()
    monkeypatch.delenv("FIELDSYNC_TIMEOUT_S")
    ana.turn_to(bank.url)
    assert isinstance(error, FieldsyncError), repr(error)
    assert (error.code, error.exit_code) == ("601.7", 7)
    assert levels["server"] == "warn"
    assert states(ana) == [("hardship.disclose", "unsent")]
    assert synced(ana)["sent"] == 1


def test_a_packed_answer_that_is_cut_short_is_a_broken_line(
    bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where something between cut the packed content and gave a length that fits: 601.6, not a stranger."""

    def cut(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        content = gzip.compress(answer.content)
        # The last byte alone carries nothing that JSON would miss.
        _head(to, Content_Encoding="gzip", Content_Length=str(len(content) - 1))
        to.wfile.write(content[:-1])

    with standing_in(cut) as url:
        ana.turn_to(url)
        error = ana.run("sync").exception
    assert getattr(error, "code", None) == "601.6"
    assert states(ana) == [("hardship.disclose", "unsent")]
    monkeypatch.delenv("FIELDSYNC_TIMEOUT_S")
    ana.turn_to(bank.url)
    assert synced(ana)["sent"] == 1
