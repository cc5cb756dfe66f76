"""A laptop dies at the end of a day without a network: what is still on its disk reaches the office."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import agreements, disclosures
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.device_files import database_of, destroy_page_of
from tests.server.test_commands import call

_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)
CASE, OTHER = "C-000001", "C-000002"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def laptop(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's day after her morning sync: visits, remarks, a hardship and a signed plan, all offline."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    bank.stop()
    drawing = tmp_path / "signature.svg"
    drawing.write_text(_DRAWING, encoding="utf-8")
    _done(device, "visit", "start", OTHER, "--with", "O-0002")
    for number in range(12):
        _done(device, "visit", "note", OTHER, f"remark {number} " + "x" * 800)
    _done(device, "visit", "finish", OTHER, "--outcome", "NOBODY", "--identity-shown")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(11).isoformat())
    _done(device, "visit", "start", CASE, "--with", "O-0002")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(11, 10).isoformat())
    _done(device, "disclose", CASE, "--need", "time")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(11, 20).isoformat())
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    _done(device, "agree", CASE, *terms, "--signature", str(drawing), "--yes")
    with closing(database_of(device.home)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return device


def _done(device: Device, *args: str) -> None:
    result = device.run(*args)
    assert result.exit_code == 0, repr(result.exception)


def _imported(bank: Bank, path: Path, capsys: Captured) -> dict[str, Any]:
    """What `import-rescue` says of the file."""
    capsys.readouterr()
    assert call(bank.home, "import-rescue", str(path), "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def _story(bank: Bank) -> tuple[list[str], int, int]:
    """The holds of the case, and how many disclosures and agreements stand."""
    with reading(bank.ctx.engine) as conn:
        case = load_case(conn, CASE)
        told = len(conn.execute(select(disclosures)).all())
        signed = len(conn.execute(select(agreements)).all())
    assert case is not None
    return sorted(hold.kind.value for hold in case.holds), told, signed


def test_a_whole_disk_gives_everything_back(
    bank: Bank, laptop: Device, tmp_path: Path, capsys: Captured
) -> None:
    """The agreement and the hold are there as if the laptop had synced, the signed files with them."""
    path = tmp_path / "rescue.json"
    _done(laptop, "export", "--rescue", str(path))
    told = _imported(bank, path, capsys)
    assert told["records"] == {"stored": 17, "already_there": 0, "quarantined": 0, "refused": 0}
    assert told["files"]["stored"] == 2
    assert _story(bank) == (["agreement", "hardship"], 1, 1)
    assert _imported(bank, path, capsys)["records"]["already_there"] == 17


def test_a_damaged_disk_gives_back_what_is_left(
    bank: Bank, laptop: Device, tmp_path: Path, capsys: Captured
) -> None:
    """What follows the lost page waits in quarantine, its hold at once; the office takes it in."""
    destroy_page_of(laptop.home, "remark 6 ")
    path = tmp_path / "rescue.json"
    _done(laptop, "doctor", "--rescue", str(path))
    told = _imported(bank, path, capsys)
    assert told["unreadable"] > 0
    assert told["records"]["stored"] > 0
    assert told["records"]["quarantined"] > 0
    assert told["records"]["refused"] == 0
    assert _story(bank) == (["agreement", "hardship"], 0, 0)
    assert call(bank.home, "review", "list", "--state", "quarantined", "--json") == 0
    waiting = json.loads(capsys.readouterr().out)
    for one in waiting:
        reason = ("--reason", "the officer confirms it", "--by", "Zhou")
        assert call(bank.home, "review", "accept", one["hash"], *reason) == 0
    assert _story(bank) == (["agreement", "hardship"], 1, 1)
