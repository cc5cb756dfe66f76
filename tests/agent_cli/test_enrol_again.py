"""A device enrols anew in its own folder: the old copy is moved aside whole, wherever a crash interrupts."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent_cli.actions import enrol_again as again
from agent_cli.main import build_group
from server.workflow.enrol_device import make_code
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device with one record that was synced."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    synced(device)
    return device


def enrol_again(device: Device, bank: Bank, *more: str) -> Result:
    """`fieldsync enroll URL --again` with a fresh code."""
    code, _until = make_code(bank.ctx, ANA.officer_id, timedelta(hours=1))
    args = ["--home", str(device.home), "enroll", bank.url, "--again", "--code-file", "-", *more]
    return CliRunner().invoke(build_group(), args, input=code + "\n")


def device_id(device: Device) -> str:
    """The id the device goes by."""
    return str(json.loads(device.run("status", "--json").stdout)["device_id"])


def old_copy(device: Device) -> Device:
    """The folder that the old copy was moved to."""
    (found,) = device.home.glob("before-*")
    return Device(found)


def test_the_old_copy_is_moved_aside_whole(bank: Bank, ana: Device) -> None:
    """A new id and new keys; the day comes down again, and the old records can still be exported."""
    before, keys = device_id(ana), (ana.home / "keys" / "operation.key").read_bytes()
    assert ana.run("config", "set", "partner", "O-0002").exit_code == 0
    result = enrol_again(ana, bank)
    assert result.exit_code == 0, repr(result.exception)
    assert "before-" in result.stderr
    assert device_id(ana) != before
    assert (ana.home / "keys" / "operation.key").read_bytes() != keys
    assert states(ana) == []
    assert synced(ana)["days"] == ["2026-11-24"]
    assert "O-0002" in ana.run("config").stdout
    old = old_copy(ana)
    assert device_id(old) == before
    assert states(old) == [("hardship.disclose", "accepted")]
    assert old.run("export", str(ana.home / "old.csv")).exit_code == 0
    assert not (ana.home / "next").exists()


def test_unsent_records_are_not_left_silently(bank: Bank, ana: Device) -> None:
    """Without --force nothing changes; with it the program says what only the old copy holds."""
    assert ana.run("disclose", "C-000002", "--need", "time").exit_code == 0
    before = device_id(ana)
    refused = enrol_again(ana, bank)
    assert getattr(refused.exception, "code", None) == "600.51"
    assert device_id(ana) == before
    forced = enrol_again(ana, bank, "--force")
    assert forced.exit_code == 0, repr(forced.exception)
    assert "1 records and 0 files are only there" in forced.stderr
    assert states(old_copy(ana))[-1] == ("hardship.disclose", "unsent")


def test_a_code_that_does_not_work_changes_nothing(bank: Bank, ana: Device) -> None:
    """The old enrolment stays in use until the server has answered; then the same command works."""
    before = device_id(ana)
    args = ["--home", str(ana.home), "enroll", bank.url, "--again", "--code-file", "-"]
    refused = CliRunner().invoke(build_group(), args, input="WRONGCODE\n")
    assert refused.exception is not None
    assert device_id(ana) == before
    assert ana.run("today").exit_code == 0
    assert enrol_again(ana, bank).exit_code == 0
    assert device_id(ana) != before


class _PowerCutError(BaseException):
    """The battery is empty."""


@pytest.mark.parametrize("moves", range(9))
def test_a_crash_on_the_way_is_finished(
    moves: int, bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of moved parts the next enroll finishes, without a code, and both copies are whole."""
    before = device_id(ana)
    left = [moves]
    move = again._move

    def moving(old: Path, new: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise _PowerCutError
        move(old, new)

    with monkeypatch.context() as patched:
        patched.setattr(again, "_move", moving)
        with pytest.raises(_PowerCutError):
            enrol_again(ana, bank)
    result = ana.run("--no-input", "enroll", bank.url, "--again")
    assert result.exit_code == 0, repr(result.exception)
    assert device_id(ana) != before
    assert synced(ana)["days"] == ["2026-11-24"]
    assert device_id(old_copy(ana)) == before
    assert states(old_copy(ana)) == [("hardship.disclose", "accepted")]
    assert not (ana.home / "next").exists()


def test_twice_on_one_day(bank: Bank, ana: Device) -> None:
    """The second old copy gets its own folder."""
    assert enrol_again(ana, bank).exit_code == 0
    assert enrol_again(ana, bank).exit_code == 0
    assert len(list(ana.home.glob("before-*"))) == 2


def test_again_on_a_new_device_is_a_first_time(bank: Bank, tmp_path: Path) -> None:
    """With nothing to move aside it simply enrols."""
    device = Device(tmp_path / "new")
    assert enrol_again(device, bank).exit_code == 0
    assert synced(device)["days"] == ["2026-11-24"]
    assert not list(device.home.glob("before-*"))


def test_force_goes_only_with_again(ana: Device) -> None:
    """It is refused as usage."""
    assert ana.run("enroll", "http://127.0.0.1:9", "--force").exit_code == 2
