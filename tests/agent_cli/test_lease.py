"""A device that never comes back: its cases leave it by themselves, its records wait for the server."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent_cli.context import open_device
from agent_cli.lease import end_of_lease
from agent_cli.store import meta
from fieldsync.sync.lease import HOUSE_DAYS, ends_soon, lease_days, lease_end
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.device_files import readable

_LEASE = timedelta(days=HOUSE_DAYS)


def turn_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """The training clock, so long after ten in the morning of the test day."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", (at(10) + by).isoformat())


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced, with a record that waits to be sent."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    return device


def test_lost_device_lets_its_cases_go(
    bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the lease no case is left, in the index neither; the record goes up, the cases come back."""
    bank.stop()
    assert readable(ana.home, "Wang Wei")
    turn_clock(monkeypatch, _LEASE - timedelta(seconds=1))
    warned = ana.run("search", "Wang")
    assert warned.exit_code == 0
    assert "Sync before" in warned.stderr
    turn_clock(monkeypatch, _LEASE + timedelta(minutes=1))
    shown = ana.run("search", "Wang")
    assert "its cases have left it" in shown.stderr
    assert "Wang Wei" not in shown.stdout
    assert not readable(ana.home, "Wang Wei")
    turn_clock(monkeypatch, timedelta(minutes=5))
    assert "its cases have left it" in ana.run("status").stderr
    bank.start()
    facts = synced(ana)
    assert facts["sent"] == 1
    again = ana.run("search", "Wang")
    assert "Wang Wei" in again.stdout
    assert "have left" not in again.stderr


def test_nobody_is_left_at_a_door(ana: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a visit is under way its case stays; with its end it goes."""
    started = ana.run("visit", "start", "C-000002", "--with", "O-0002")
    assert started.exit_code == 0, repr(started.exception)
    turn_clock(monkeypatch, _LEASE + timedelta(minutes=1))
    assert ana.run("show", "C-000002").exit_code == 0
    done = ("visit", "finish", "C-000002", "--outcome", "NOBODY", "--identity-shown")
    assert ana.run(*done).exit_code == 0
    assert ana.run("show", "C-000002").exit_code != 0


def test_a_clock_set_back_is_no_way_around_a_lease_that_has_ended(
    ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once seen, an end stays one; a clock from before the last exchange starts no visit."""
    turn_clock(monkeypatch, _LEASE + timedelta(minutes=1))
    ana.run("today")
    turn_clock(monkeypatch, timedelta(minutes=-30))
    assert not readable(ana.home, "Wang Wei")
    assert "have left" in ana.run("today").stderr


def test_a_bank_sets_its_own_lease(ana: Device) -> None:
    """The days come signed with the feed; what is no number is no lease."""
    assert [lease_days(text) for text in ("1", "90", "0", "91", "x", "", "-3")] == [
        1, 90, None, None, None, None, None,
    ]  # fmt: skip
    end = lease_end(at(10), 2)
    assert [ends_soon(end, end - timedelta(hours=h)) for h in (25, 24, 1, 0)] == [
        False, True, True, False,
    ]  # fmt: skip
    with open_device(ana.options) as ctx:
        assert end_of_lease(ctx.conn, meta.read_all(ctx.conn)) is not None
