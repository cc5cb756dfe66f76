"""The server's own commands, through the real program: codes, review, show, doctor, in both languages."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_CONFLICT, EXIT_FAILED, EXIT_USAGE
from fieldsync.sync.operation import ClockReading, Operation
from fieldsync.terminal.run import run
from server.cli import build_group
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import audit
from tests.server.case_files import visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

Captured = pytest.CaptureFixture[str]


def call(home: Path, *args: str, language: str = "en") -> int:
    """Run the program in this process."""
    return run(
        build_group,
        ["--home", str(home), *args],
        language=language,
        program="fieldsync-server",
    )


@pytest.fixture
def night(device: FieldDevice, give: CaseGiver, ana: Officer) -> str:
    """The id of a visit begun at eleven at night, waiting for a person."""
    give(ana)
    at = device.clock.now().replace(hour=23)
    operation = device.record("visit.start", "C-1", visit_start("V", "E1001", "E1002"), at=at)
    device.sync()
    return operation.op_id


def test_a_code_is_printed_alone(staffed: ServerContext, capsys: Captured) -> None:
    """Stdout holds the code and nothing else, so that a script can take it."""
    assert call(staffed.config.home, "enroll-code", "--officer", "E1001") == 0
    out, err = capsys.readouterr()
    assert len(out.strip()) == 14
    assert "fieldsync enroll" in err


def test_a_code_needs_a_known_officer_and_sane_hours(
    staffed: ServerContext, capsys: Captured
) -> None:
    """Unknown officers and endless codes are refused with their codes."""
    home = staffed.config.home
    assert call(home, "enroll-code", "--officer", "E9", "--json") == EXIT_FAILED
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "404.41"
    assert call(home, "enroll-code", "--officer", "E1001", "--hours", "9999") == EXIT_USAGE


def test_review_lists_shows_and_decides(
    staffed: ServerContext, night: str, capsys: Captured
) -> None:
    """From the list to the decision, as a person in the office does it."""
    home = staffed.config.home
    assert call(home, "review", "list", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["op_id"], line["state"]) == (night, "in_review")
    assert line["reason"]["code"] == "rule.CN-HOURS"
    assert (line["borrower"], line["officer"]) == ("李梅", "Ana Lin")
    assert call(home, "review", "show", night) == 0
    assert "in review" in capsys.readouterr().out
    assert call(home, "review", "refuse", night, "--reason", "after hours") == 0
    assert call(home, "review", "accept", night, "--reason", "no, yes") == EXIT_CONFLICT
    assert "409.46" in capsys.readouterr().err
    assert call(home, "review", "list", "--state", "rejected", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert line["reason"]["code"] == "refused_by_office"


def test_a_decision_names_who_made_it(
    staffed: ServerContext,
    device: FieldDevice,
    night: str,
    capsys: Captured,
) -> None:
    """`--by` or the machine's user stands in the store, the audit log and the officer's answer."""
    home = staffed.config.home
    assert call(home, "review", "accept", night, "--reason", "ok", "--by", " ") == EXIT_USAGE
    assert "400.49" in capsys.readouterr().err
    asked = ("review", "accept", night, "--reason", "he rang us", "--by", "Zhou Ben")
    assert call(home, *asked) == 0
    capsys.readouterr()
    assert call(home, "review", "show", night, "--json") == 0
    assert json.loads(capsys.readouterr().out)["decided_by"] == "Zhou Ben"
    with reading(staffed.engine) as conn:
        query = select(audit.c.actor).where(audit.c.action == "review.accepted")
        assert conn.execute(query).scalars().all() == ["Zhou Ben"]
    (told,) = [row for row in device.sync().changes if row.key == f"op_result:{night}"]
    assert told.body is not None
    message = told.body["outcome"]["reason"]["message"]
    assert message["en"] == "Accepted by the office (Zhou Ben): he rang us"
    assert "Zhou Ben" in message["zh-CN"]


def test_the_machines_user_decides_by_default(
    staffed: ServerContext, night: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is signed in is named; where the system does not say, a name must be given."""
    home = staffed.config.home
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "ben.zhou")
    assert call(home, "review", "refuse", night, "--reason", "after hours") == 0
    capsys.readouterr()
    assert call(home, "review", "show", night, "--json") == 0
    assert json.loads(capsys.readouterr().out)["decided_by"] == "ben.zhou"


def test_review_speaks_chinese(staffed: ServerContext, night: str, capsys: Captured) -> None:
    """The same list for a reader of Chinese."""
    assert call(staffed.config.home, "review", "list", language="zh-CN") == 0
    out, err = capsys.readouterr()
    assert all(
        told in out for told in (night[-8:], "开始上门", "C-1", "李梅", "Ana Lin", "11-24 23:00")
    )
    assert "下一步" in err


def test_the_end_of_an_id_is_enough(
    staffed: ServerContext, device: FieldDevice, night: str, capsys: Captured
) -> None:
    """What the list shows can be typed; too little of it, or what is nobody's, is refused."""
    home = staffed.config.home
    assert call(home, "review", "show", night[-8:]) == 0
    assert night in capsys.readouterr().out
    for wrong in (night[-3:], "%" * 8, "ffffffff"):
        assert call(home, "review", "show", wrong) == EXIT_FAILED
        assert "404.42" in capsys.readouterr().err
    same_end = Operation(
        device_id=device.device_id,
        seq=2,
        prev_hash=device.head.hash,
        op_id="0192f6a4-0000-7000-8000-" + night[-12:],
        kind="visit.note",
        case_id="C-1",
        occurred_at=device.clock.now(),
        clock=ClockReading(1, "boot"),
        payload={"visit_id": "V", "text": "later"},
    )
    assert device.push(*device.journal, device.seal(same_end)).status_code == 200
    assert call(home, "review", "refuse", night[-8:], "--reason", "no") == EXIT_CONFLICT
    assert "409.51" in capsys.readouterr().err


def test_show_knows_cases_devices_and_operations(
    staffed: ServerContext, device: FieldDevice, night: str, capsys: Captured
) -> None:
    """Each kind by its id; the identity number stays masked."""
    home = staffed.config.home
    for kind, thing, key in (
        ("case", "C-1", "case_id"),
        ("device", device.device_id, "device_id"),
        ("operation", night, "op_id"),
    ):
        assert call(home, "show", kind, thing) == 0
        capsys.readouterr()
        assert call(home, "show", kind, thing, "--json") == 0
        out = capsys.readouterr().out
        assert json.loads(out)[key] == thing
        assert "440305198001011234" not in out


def test_instants_are_told_by_the_clock_of_their_place(
    staffed: ServerContext, device: FieldDevice, night: str, capsys: Captured
) -> None:
    """What happened, what was received and when a device was seen stand in one offset."""
    home = staffed.config.home
    for args in (("review", "show", night), ("show", "device", device.device_id)):
        assert call(home, *args) == 0
        out = capsys.readouterr().out
        assert out.count("+08:00") == 2
        assert "+00:00" not in out


def test_show_suggests_the_nearest_case(
    staffed: ServerContext, give: CaseGiver, capsys: Captured
) -> None:
    """A mistyped id is told, with the one that was meant."""
    give()
    assert call(staffed.config.home, "show", "case", "C-11") == EXIT_FAILED
    assert "C-1" in capsys.readouterr().err


def test_doctor_finds_a_healthy_server_healthy(staffed: ServerContext, capsys: Captured) -> None:
    """Every check by name, and exit 0."""
    assert call(staffed.config.home, "doctor", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert [c["check"] for c in told["checks"]] == [
        "store",
        "revision",
        "keys",
        "rules",
        "files",
        "disk",
        "clock",
        "held",
        "forks",
        "quarantine",
        "early",
        "visits",
        "epoch",
        "audit",
        "roads",
        "glass",
    ]


def test_doctor_fails_on_open_keys(staffed: ServerContext, capsys: Captured) -> None:
    """Keys that others may read are a failure, with what to do."""
    key = staffed.config.keys / "receipt.key"
    key.chmod(key.stat().st_mode | stat.S_IROTH)
    assert call(staffed.config.home, "doctor") == EXIT_FAILED
    assert "chmod 600" in capsys.readouterr().out


def test_a_folder_without_a_server_is_told(tmp_path: Path, capsys: Captured) -> None:
    """Every command says the same clear thing where no server was set up."""
    for args in (["doctor"], ["review", "list"], ["show", "case", "C"], ["run", "--port", "0"]):
        assert call(tmp_path, *args) != 0
        assert "602.1" in capsys.readouterr().err
