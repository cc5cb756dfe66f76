"""What the server has not confirmed is written out as signed, with its files, and the office imports it."""

import json
import shutil
from pathlib import Path

import pytest

from fieldsync.sync.operation import chain_hash
from server.workflow.import_rescue import import_rescue
from server.workflow.rescue_report import Fate
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at

_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)


@pytest.fixture
def ana(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device: one disclosure synced, then an agreement with its two files only on the device."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    synced(device)
    drawing = tmp_path / "signature.svg"
    drawing.write_text(_DRAWING, encoding="utf-8")
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    assert device.run("visit", "start", "C-000002", "--with", "O-0002").exit_code == 0
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 20).isoformat())
    signed = device.run("agree", "C-000002", *terms, "--signature", str(drawing), "--yes")
    assert signed.exit_code == 0, repr(signed.exception)
    return device


def rescued(device: Device, path: Path, *more: str) -> dict[str, list[dict[str, str]]]:
    """The rescue file that the device wrote."""
    result = device.run("export", "--rescue", str(path), *more)
    assert result.exit_code == 0, repr(result.exception)
    found: dict[str, list[dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_what_is_only_here_is_written_with_its_files(ana: Device, tmp_path: Path) -> None:
    """The two records since the last sync, byte for byte, and the files of the agreement."""
    found = rescued(ana, tmp_path / "rescue.json")
    assert [record["kind"] for record in found["records"]] == ["visit.start", "agreement.sign"]
    for record in found["records"]:
        prev_hash = json.loads(record["body"])["prev_hash"]
        assert chain_hash(prev_hash, record["body"]) == record["hash"]
    assert len(found["files"]) == 2
    assert len(rescued(ana, tmp_path / "all.json", "--all")["records"]) == 3


def test_the_office_has_it_all_after_the_import(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """A device that never comes online again: its agreement is accepted, and a later sync is no news."""
    path = tmp_path / "rescue.json"
    rescued(ana, path)
    report = import_rescue(bank.ctx, path, dry_run=False)
    assert report.records[Fate.STORED] == 2
    synced(ana)
    assert [state for _kind, state in states(ana)] == ["accepted"] * 3


def test_a_moved_home_is_exported_too(ana: Device, tmp_path: Path) -> None:
    """The folder in another place, as a re-enrolment leaves it, can still be written out."""
    moved = Device(tmp_path / "moved")
    shutil.move(ana.home, moved.home)
    assert len(rescued(moved, tmp_path / "rescue.json")["records"]) == 2


def test_a_file_that_is_gone_is_said(ana: Device, tmp_path: Path) -> None:
    """The records are written all the same."""
    shutil.rmtree(ana.home / "files")
    result = ana.run("export", "--rescue", str(tmp_path / "rescue.json"))
    assert result.exit_code == 0
    assert "2 files of these records are gone" in result.stderr


def test_nothing_is_written_over(ana: Device, tmp_path: Path) -> None:
    """A file of that name stays as it is unless --force is given."""
    path = tmp_path / "rescue.json"
    path.write_text("mine", encoding="utf-8")
    result = ana.run("export", "--rescue", str(path))
    assert getattr(result.exception, "code", None) == "600.18"
    assert path.read_text(encoding="utf-8") == "mine"
    assert rescued(ana, path, "--force")["records"]


@pytest.mark.parametrize("args", [("--all", "x.csv"), ("--rescue", "--format", "csv", "x.csv")])
def test_options_that_do_not_go_together(args: tuple[str, ...], ana: Device) -> None:
    """They are refused as usage, and nothing is written."""
    assert ana.run("export", *args).exit_code == 2
    assert not Path("x.csv").exists()
