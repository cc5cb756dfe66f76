"""Answers without an end are cut off: huge ones, packed ones, and those that drip."""

import gzip
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_cli import reply_limits
from fieldsync.errors import FieldsyncError
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device
from tests.agent_cli.strangers import Stranger, standing_in

_OVER = threading.Event()


@pytest.fixture
def ana(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device with a record to send."""
    monkeypatch.setenv("FIELDSYNC_TIMEOUT_S", "1")
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
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


def _packed(to: Stranger) -> None:
    """Forty megabytes that came as forty kilobytes."""
    content = gzip.compress(b"[" * (40 << 20))
    _head(to, Content_Encoding="gzip", Content_Length=str(len(content)))
    to.wfile.write(content)


def _dripping(to: Stranger) -> None:
    _head(to)
    _pour(to, b" ", 0.02)


@pytest.mark.parametrize("answer", [_endless, _packed, _dripping])
def test_an_answer_without_end_is_left(
    answer: Callable[[Stranger], None], bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """601.7, exit 7, nothing of it is taken, and the next honest exchange delivers."""
    monkeypatch.setattr(reply_limits, "_GRACE", 0.5)
    _OVER.clear()
    with standing_in(answer) as url:
        ana.turn_to(url)
        error = ana.run("sync").exception
        levels = {
            c["check"]: c["level"] for c in json.loads(ana.run("doctor", "--json").stdout)["checks"]
        }
        _OVER.set()
    ana.turn_to(bank.url)
    assert isinstance(error, FieldsyncError), repr(error)
    assert (error.code, error.exit_code) == ("601.7", 7)
    assert levels["server"] == "warn"
    assert states(ana) == [("hardship.disclose", "unsent")]
    assert synced(ana)["sent"] == 1
