"""An older or copied folder is noticed without a network; recording goes on, and doctor explains (G9)."""

import json
import shutil
from pathlib import Path

import pytest

from agent_cli.install_mark import STATE_VARIABLE
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device


@pytest.fixture
def ana(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device, synced once with a record, on a machine of its own."""
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    synced(device)
    return device


def doctors_word(device: Device) -> str:
    """The level of doctor's check of the folder."""
    checks = json.loads(device.run("doctor", "--json").stdout)["checks"]
    return str(next(check["level"] for check in checks if check["check"] == "copy"))


def test_a_folder_as_it_was_is_quiet(ana: Device) -> None:
    """Nothing is said, also after more records and at another place of the same machine."""
    assert ana.run("disclose", "C-000002", "--need", "time").exit_code == 0
    moved = Device(ana.home.parent / "moved")
    shutil.move(ana.home, moved.home)
    assert "copy" not in moved.run("today").stderr
    assert doctors_word(moved) == "ok"


def test_an_older_copy_is_told_and_goes_on(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """With the server away: told at the next command, recording works, and doctor says what to do."""
    older = Device(tmp_path / "older")
    shutil.copytree(ana.home, older.home)
    assert ana.run("disclose", "C-000002", "--need", "time").exit_code == 0
    synced(ana)
    bank.stop()
    assert "older copy" in older.run("today").stderr
    assert older.run("disclose", "C-000003", "--need", "time").exit_code == 0
    assert states(older)[-1] == ("hardship.disclose", "unsent")
    assert doctors_word(older) == "warn"


def test_a_copy_on_another_machine_is_told(
    ana: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds no mark there; after a good exchange it is an installation of its own, and the first one too."""
    copy = Device(tmp_path / "copy")
    shutil.copytree(ana.home, copy.home)
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "another machine"))
    assert "copied from another machine" in copy.run("today").stderr
    assert doctors_word(copy) == "warn"
    synced(copy)
    assert "copied" not in copy.run("today").stderr
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    assert "copied" not in ana.run("today").stderr


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_spoilt_mark_is_no_error(content: str, ana: Device, tmp_path: Path) -> None:
    """The folder is doubted, nothing fails, and the next exchange writes the mark anew."""
    (mark,) = (tmp_path / "state").iterdir()
    mark.write_text(content, encoding="utf-8")
    assert "copied from another machine" in ana.run("today").stderr
    synced(ana)
    assert doctors_word(ana) == "ok"


def test_without_a_place_for_marks_nothing_is_said(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state folder that cannot be made: the device works, and only an exchange would notice a copy."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "file" / "state"))
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert "copied" not in device.run("today").stderr
