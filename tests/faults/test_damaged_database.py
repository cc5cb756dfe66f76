"""A damaged database: every command says so, doctor still runs, and what can be read is rescued."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from agent_cli.main import TABLE
from fieldsync.errors import LocalCopyError
from fieldsync.sync.operation import chain_hash
from tests.agent_cli.conftest import build_device
from tests.agent_cli.made_up import SECRETS_FILE, Device, at
from tests.device_files import database_of, destroy_page_of

CASE = "C-000001"
COMMANDS = {
    "sync": ("sync",),
    "map": ("map", "--no-open"),
    "today": ("today",),
    "show": ("show", CASE),
    "search": ("search", "陈明"),
    "visit": ("visit", "list"),
    "disclose": ("disclose", CASE, "--need", "time"),
    "quote": ("quote", CASE, "--months", "3", "--first-due", "2026-12-25"),
    "agree": ("agree", CASE),
    "propose": ("propose", CASE, "--in", "wages=1"),
    "page": ("page", CASE, "--kind", "annuity", "--months", "3", "--first-due", "2026-12-25"),
    "verify": ("verify", __file__),
    "replan": ("replan",),
    "status": ("status",),
    "complaint": ("complaint", CASE, "--topic", "conduct", "--text", "x"),
    "correct": ("correct", CASE, "wrong-person"),
    "secret": ("secret", "set", "--file", str(SECRETS_FILE)),
    "export": ("export", "records.csv"),
    "enroll": ("enroll", "http://127.0.0.1:9", "--code-file", "-"),
}


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device with forty records."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    monkeypatch.chdir(tmp_path)
    device = build_device(tmp_path / "ana")
    assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
    for number in range(39):
        assert device.run("visit", "note", CASE, f"remark {number} " + "x" * 800).exit_code == 0
    with closing(database_of(device.home)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return device


def overwrite(device: Device) -> None:
    """Nothing of a database is left in the file."""
    for leftover in device.home.glob("field.db-*"):
        leftover.unlink()
    (device.home / "field.db").write_bytes(b"this is no database" * 1000)


def test_the_list_knows_every_command() -> None:
    """A new command is tried here too; doctor and config have their own ways, and the others ask no database."""
    without = {"config", "doctor", "lock", "passphrase", "rules", "unlock"}
    assert set(COMMANDS) | without == set(TABLE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_so(name: str, device: Device) -> None:
    """602.5, exit 8, a sentence that names the doctor, and the file is not touched."""
    overwrite(device)
    before = (device.home / "field.db").read_bytes()
    error = device.run(*COMMANDS[name], stdin="K7QF9TBW\n").exception
    assert isinstance(error, LocalCopyError), repr(error)
    assert (error.code, error.exit_code) == ("602.5", 8)
    assert "doctor" in str(error.hint)
    assert (device.home / "field.db").read_bytes() == before


def test_doctor_runs_on_a_file_that_is_no_database(device: Device) -> None:
    """It fails the database, checks what stands beside it, and says how to rescue records."""
    overwrite(device)
    checks = json.loads(device.run("doctor", "--json").stdout)["checks"]
    found = {check["check"]: check for check in checks}
    assert found["database"]["level"] == "fail"
    assert "--rescue" in found["database"]["advice"]
    assert found["keys"]["level"] == "ok"
    assert getattr(device.run("doctor", "--rescue", "r.json").exception, "code", None) == "602.12"
    assert not Path("r.json").exists()


def test_what_can_be_read_is_rescued(device: Device) -> None:
    """A page of the journal is lost; the records on the others come out as they were signed."""
    destroy_page_of(device.home, "remark 20 ")
    checks = json.loads(device.run("doctor", "--json").stdout)["checks"]
    assert {"fail"} <= {check["level"] for check in checks}
    result = device.run("doctor", "--rescue", "records.json")
    assert result.exit_code == 0, repr(result.exception)
    rescued = json.loads(Path("records.json").read_text(encoding="utf-8"))
    intact = [record for record in rescued["records"] if record["intact"]]
    assert 20 < len(intact) < 40
    for record in intact:
        prev_hash = json.loads(record["body"])["prev_hash"]
        assert chain_hash(prev_hash, record["body"]) == record["hash"]
    again = device.run("doctor", "--rescue", "records.json")
    assert getattr(again.exception, "code", None) == "600.18"
