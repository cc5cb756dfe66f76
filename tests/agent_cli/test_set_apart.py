"""A device whose log no server takes any more: its records go to quarantine, and it is told what to do."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agent_cli.context import open_device
from agent_cli.store import journal
from fieldsync.errors import FieldsyncError
from fieldsync.locale import render, set_language
from server.store import tables
from server.store.engine import writing
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device
from tests.agent_cli.strangers import Stranger, standing_in
from tests.lines.proxy import Manner, Proxy


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device with a record that was synced, put back after another one had been synced too."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    synced(device)
    older = tmp_path / "older"
    shutil.copytree(device.home, older)
    assert device.run("disclose", "C-000002", "--need", "time").exit_code == 0
    synced(device)
    shutil.rmtree(device.home)
    shutil.copytree(older, device.home)
    return device


def failed(device: Device) -> FieldsyncError:
    """The error that a sync ends in."""
    error = device.run("sync").exception
    assert isinstance(error, FieldsyncError), repr(error)
    return error


def count(bank: Bank, table: str) -> int:
    """Rows of one of the server's tables."""
    with bank.ctx.engine.connect() as conn:
        query = select(func.count()).select_from(tables.metadata.tables[table])
        return conn.execute(query).scalar() or 0


def test_an_older_copy_put_back_is_told(bank: Bank, ana: Device) -> None:
    """With nothing new recorded: what happened, that nothing is lost, and how to enrol again."""
    error = failed(ana)
    assert (error.code, error.exit_code) == ("409.65", 6)
    assert f"fieldsync enroll {bank.url} --again" in str(error.hint)
    assert count(bank, "quarantine") == 0
    doctor = json.loads(ana.run("doctor", "--json").stdout)
    journal_check = next(c for c in doctor["checks"] if c["check"] == "journal")
    assert journal_check["level"] == "fail"
    assert "--again" in journal_check["advice"]


def test_what_it_recorded_since_is_quarantined(bank: Bank, ana: Device) -> None:
    """The device hands its records over by itself, and what stops collection stops it everywhere (G9)."""
    ben = enrolled(bank, ana.home.parent / "ben", BEN)
    assert ana.run("disclose", "C-000003", "--need", "call_back").exit_code == 0
    error = failed(ana)
    assert (error.code, error.exit_code) == ("409.65", 6)
    assert "1 records are kept apart by the office" in str(error.hint)
    assert states(ana)[-1] == ("hardship.disclose", "quarantined")
    assert "kept apart by the office" in ana.run("status").stdout
    set_language("zh-CN")
    assert "后台单独保管，等人查看" in ana.run("status").stdout
    assert count(bank, "quarantine") == 1
    assert count(bank, "forks") == 1
    synced(ben)
    held = json.loads(ben.run("show", "C-000003", "--json").stdout)["case"]
    assert [hold["kind"] for hold in held["holds"]] == ["hardship"]


def noted_with_photo(device: Device, folder: Path) -> str:
    """A visit with a note and its photo; the photo's SHA-256."""
    photo = folder / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    for args in (("start", "C-000003", "--with", BEN.officer_id), ("note", "C-000003", "gate")):
        attached = ("--attach", str(photo)) if args[0] == "note" else ()
        assert device.run("visit", *args, *attached).exit_code == 0
    return hashlib.sha256(photo.read_bytes()).hexdigest()


def test_the_files_of_its_records_follow(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """What a quarantined record names goes up by itself, so that a person can see it with the record."""
    sha256 = noted_with_photo(ana, tmp_path)
    error = failed(ana)
    assert bank.ctx.blobs.has(sha256)
    assert "2 records are kept apart by the office" in str(error.hint)
    facts = json.loads(ana.run("status", "--json").stdout)
    assert (facts["records"]["quarantined"], facts["files_waiting"]) == (2, 0)


def test_a_file_that_breaks_off_follows_later(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """The error stays the one that names the way out; the next sync brings the file."""
    sha256 = noted_with_photo(ana, tmp_path)
    with Proxy(bank.port) as line:
        ana.turn_to(line.url)
        # The push, the records to quarantine and the file's beginning pass.
        line.treat(Manner(), Manner(), Manner(), Manner(cut_up=5000))
        assert failed(ana).code == "409.65"
        assert not bank.ctx.blobs.has(sha256)
        line.treat()
        assert failed(ana).code == "409.65"
    assert bank.ctx.blobs.has(sha256)


@pytest.mark.parametrize(("language", "told"), [("en", "1 of their files"), ("zh-CN", "1 个文件")])
def test_a_revoked_device_is_told_of_its_files(
    bank: Bank, tmp_path: Path, language: str, told: str
) -> None:
    """Its records are kept apart, its files are not taken: the hint names the rescue file."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    sha256 = noted_with_photo(ana, tmp_path)
    with writing(bank.ctx.engine) as conn:
        conn.execute(tables.devices.update().values(revoked_from_seq=1))
    set_language(language)
    error = failed(ana)
    assert error.hint is not None
    assert told in render(error.hint)
    assert "fieldsync export --rescue" in render(error.hint)
    assert not bank.ctx.blobs.has(sha256)
    rescue = tmp_path / "rescue.json"
    assert ana.run("export", "--rescue", str(rescue)).exit_code == 0
    written = json.loads(rescue.read_text(encoding="utf-8"))
    assert [file["sha256"] for file in written["files"]] == [sha256]


def test_it_goes_on_handing_over(bank: Bank, ana: Device) -> None:
    """The officer goes on recording at the door; each further sync hands that over too, once."""
    for case_id, kept in (("C-000003", 1), ("C-000004", 2), ("", 2)):
        if case_id:
            assert ana.run("disclose", case_id, "--need", "time").exit_code == 0
        assert failed(ana).code == "409.65"
        assert count(bank, "quarantine") == kept
    assert [state for _kind, state in states(ana)] == ["accepted", "quarantined", "quarantined"]


def test_a_revoked_device_hands_over(bank: Bank, tmp_path: Path) -> None:
    """Shut out by the office: what it recorded is kept apart, and the hint says so."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    with writing(bank.ctx.engine) as conn:
        conn.execute(tables.devices.update().values(revoked_from_seq=1))
    error = failed(ana)
    assert (error.code, error.exit_code) == ("403.46", 4)
    assert "--again" in str(error.hint)
    assert states(ana) == [("hardship.disclose", "quarantined")]
    assert count(bank, "quarantine") == 1


def test_a_word_that_nobody_signed_marks_nothing(bank: Bank, ana: Device) -> None:
    """Only the server's own signature counts; the records wait and the rescue file is named."""
    assert ana.run("disclose", "C-000003", "--need", "time").exit_code == 0

    def forge(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        data = answer.json()
        if to.path.endswith("quarantine"):
            data["receipt"]["sig"] = "A" * 86
        to.say(answer.status_code, json.dumps(data), answer.headers["Content-Type"])

    with standing_in(forge) as url:
        ana.turn_to(url)
        assert "export --rescue" in str(failed(ana).hint)
    ana.turn_to(bank.url)
    assert states(ana)[-1] == ("hardship.disclose", "unsent")
    assert "kept apart" in str(failed(ana).hint)


def test_an_older_server_keeps_nothing_apart(bank: Bank, ana: Device) -> None:
    """It does not know quarantine: the records wait, and the rescue file is named."""
    assert ana.run("disclose", "C-000003", "--need", "time").exit_code == 0

    def old(to: Stranger) -> None:
        if to.path.endswith("quarantine"):
            to.problem(404, "404.1", "There is nothing here.")
            return
        answer = to.passed_on(bank.url)
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    with standing_in(old) as url:
        ana.turn_to(url)
        assert "1 records wait here" in str(failed(ana).hint)
    ana.turn_to(bank.url)
    assert states(ana)[-1] == ("hardship.disclose", "unsent")


def test_quarantined_records_are_never_taken_as_lost_by_the_server(ana: Device) -> None:
    """They are in no log, so they do not count as confirmed."""
    assert ana.run("disclose", "C-000003", "--need", "time").exit_code == 0
    failed(ana)
    with open_device(ana.options) as ctx:
        assert journal.last_confirmed(ctx.conn) == 1
