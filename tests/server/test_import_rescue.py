"""Rescue files: what is authentic is taken in once, in its log or in quarantine; nothing else is stored."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_FAILED, EXIT_USAGE, InputError
from fieldsync.sync.operation import SignedOperation
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import audit, blobs, operations, quarantine
from server.workflow import import_rescue as importing
from server.workflow import quarantine_operations
from server.workflow.import_rescue import import_rescue
from server.workflow.rescue_report import Fate, RescueReport
from server.workflow.review_operations import get_operation
from server.workflow.review_quarantine import decide_quarantined, list_quarantined
from server.workflow.revoke_device import revoke
from tests.server.case_files import disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice
from tests.server.handing_over import forked, hand_over
from tests.server.rescue_files import file_of, record_of, rescued, write
from tests.server.test_commands import call
from tests.server.test_push import count

Captured = pytest.CaptureFixture[str]
PICTURE = b"a small picture"


@pytest.fixture
def day(device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer) -> FieldDevice:
    """Ana's device with a visit, a disclosure and a note with a photo, none of it delivered."""
    give(ana, ben)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    note = {"visit_id": "V-1", "text": "the letter box"}
    device.record("visit.note", "C-1", note, files=(PICTURE,))
    device.record("visit.finish", "C-1", visit_finish("V-1"), depends_on=(start.op_id,))
    return device


def _import(
    ctx: ServerContext, tmp_path: Path, content: object, *, dry_run: bool = False
) -> RescueReport:
    return import_rescue(ctx, write(tmp_path / "rescue.json", content), dry_run=dry_run)


def _records(report: RescueReport) -> tuple[int, int, int, int]:
    """Stored, already there, in quarantine, refused."""
    stored, there, apart, refused = (report.records[fate] for fate in Fate)
    return stored, there, apart, refused


def _codes(report: RescueReport) -> list[tuple[int, str, str]]:
    return [(p.number, p.field, p.fault.code) for p in report.problems]


def _holds(ctx: ServerContext) -> list[str]:
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    return [hold.kind.value for hold in case.holds] if case else []


def test_a_dead_device_gives_its_day_back(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """All of it is stored and judged as if it had been pushed, its photo with it."""
    report = _import(staffed, tmp_path, rescued(day, PICTURE))
    assert (_records(report), report.problems) == ((4, 0, 0, 0), [])
    assert report.files == {Fate.STORED: 1}
    for signed in day.journal:
        stored = get_operation(staffed, json.loads(signed.body)["op_id"])
        assert (stored.body, stored.outcome.kind) == (signed.body, OutcomeKind.ACCEPTED)
    assert _holds(staffed) == ["hardship"]


def test_importing_twice_changes_nothing(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """G1: the second time everything is there already."""
    content = rescued(day, PICTURE)
    _import(staffed, tmp_path, content)
    before = [count(staffed, table) for table in (operations, quarantine, blobs)]
    report = _import(staffed, tmp_path, content)
    assert (_records(report), report.files) == ((0, 4, 0, 0), {Fate.ALREADY_THERE: 1})
    assert [count(staffed, table) for table in (operations, quarantine, blobs)] == before


def test_a_preview_tells_the_same_and_changes_nothing(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """`--dry-run` counts what the import will, gaps and all."""
    content = rescued(day, PICTURE)
    del content["records"][1]
    told = _import(staffed, tmp_path, content, dry_run=True)
    assert [count(staffed, table) for table in (operations, quarantine, blobs)] == [0, 0, 0]
    done = _import(staffed, tmp_path, content)
    assert _records(told) == _records(done) == (1, 0, 2, 0)
    assert told.files == done.files


def test_the_device_wakes_up_again(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """A device that syncs after its file was imported finds everything stored, nothing twice."""
    _import(staffed, tmp_path, rescued(day, PICTURE))
    assert {r.outcome.kind for r in day.sync().results} == {OutcomeKind.ACCEPTED}
    assert count(staffed, operations) == 4


def test_what_follows_a_lost_page_waits_in_quarantine(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """The start continues the log; what comes after the unreadable record waits, its hold stands."""
    content = rescued(day, PICTURE, unreadable=1)
    del content["records"][0]
    report = _import(staffed, tmp_path, content)
    assert (_records(report), report.unreadable) == ((0, 0, 3, 0), 1)
    assert [kept.cause.value for kept in list_quarantined(staffed)] == ["rescued"] * 3
    assert _holds(staffed) == ["hardship"]
    assert report.files == {Fate.STORED: 1}


def test_a_second_file_fills_the_gap(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """With the missing record found, the quarantined ones come to their places by themselves."""
    content = rescued(day)
    first = content["records"].pop(0)
    _import(staffed, tmp_path, content)
    second = list_quarantined(staffed)[0]
    decide_quarantined(staffed, second.hash, accept=True, reason="it is true", by="ben")
    report = _import(staffed, tmp_path, {**content, "records": [first, *content["records"]]})
    assert _records(report) == (1, 3, 0, 0)
    assert list_quarantined(staffed) == []
    with reading(staffed.engine) as conn:
        places = conn.execute(select(operations.c.seq).order_by(operations.c.seq)).scalars()
        assert list(places) == [1, 2, 3, 4]


def test_a_forked_and_a_revoked_device(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, tmp_path: Path
) -> None:
    """Another record at a stored place, and whatever a revoked device still had, goes to quarantine."""
    give(ana)
    copy, lost = enrolled(ana, "copy"), enrolled(ana, "lost")
    forked(copy)
    lost.record("visit.note", "C-1", {"visit_id": "V-1", "text": "one"})
    revoke(staffed, lost.device_id, reason="tablet lost", by="office:ben")
    content = rescued(copy)
    content["records"] += rescued(lost)["records"]
    report = _import(staffed, tmp_path, content)
    assert _records(report) == (0, 1, 2, 0)
    assert {kept.cause.value for kept in list_quarantined(staffed)} == {"forked", "revoked"}
    assert _records(_import(staffed, tmp_path, content)) == (0, 3, 0, 0)


def test_an_id_that_is_used_stops_only_itself_and_what_follows(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, tmp_path: Path
) -> None:
    """No log takes an id twice; the sound records before it are stored."""
    give(ana)
    operation = device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "one"})
    device.sync()
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "two"})
    third = device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "three"})

    device.journal[-1] = device.seal(dataclasses.replace(third, op_id=operation.op_id))
    assert _records(_import(staffed, tmp_path, rescued(device))) == (1, 1, 1, 0)
    (kept,) = list_quarantined(staffed)
    assert kept.is_id_taken


SPOILT: dict[str, tuple[Any, str, str]] = {
    "no record": ("nonsense", "body", "422.131"),
    "no body": ({"sig": "A" * 86}, "body", "422.131"),
    "no signature": ({"body": "{}"}, "sig", "422.131"),
    "a number for a body": ({"body": 7, "sig": "A" * 86}, "body", "422.131"),
    "a body that is no JSON": ({"body": "{", "sig": "A" * 86}, "body", "422.134"),
    "a body of nothing but brackets": ({"body": "[" * 9999, "sig": "A" * 86}, "body", "422.134"),
    "an unknown device": (
        {"body": '{"device_id":"nobody"}', "sig": "A" * 86},
        "device_id",
        "422.133",
    ),
    "a body beyond all measure": ({"body": " " * (1 << 21), "sig": "A" * 86}, "body", "422.132"),
    "a forgotten record that nobody has": (
        {"body": "", "sig": "A" * 86, "hash": "0" * 64, "op_id": "x"},
        "body",
        "422.136",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_record_stops_no_other(
    name: str, staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """Each wrong entry is told with its number, its part and its code; the sound ones are stored."""
    raw, part, code = SPOILT[name]
    content = rescued(day)
    content["records"].insert(2, raw)
    report = _import(staffed, tmp_path, content)
    assert (_records(report), _codes(report)) == ((4, 0, 0, 1), [(3, part, code)])


def test_altered_records_are_told_apart(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """A changed body, a borrowed signature, a wrong hash, a wrong envelope: none is stored."""
    content = rescued(day)
    body, borrowed, mislabelled, envelope = content["records"]
    body["body"] = body["body"].replace("V-1", "V-2")
    borrowed["sig"] = mislabelled["sig"]
    mislabelled["hash"] = "0" * 64
    signed = SignedOperation(envelope["body"].replace('"seq":4', '"seq":0'), envelope["sig"])
    envelope |= record_of(signed)
    report = _import(staffed, tmp_path, content)
    assert _codes(report) == [
        (1, "sig", "400.44"),
        (2, "sig", "400.44"),
        (3, "hash", "422.135"),
        (4, "seq", "400.43"),
    ]
    assert (count(staffed, operations), count(staffed, quarantine)) == (0, 0)


def test_an_older_programs_file_is_read(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """`doctor --rescue` of before wrote records alone, those that left the device without content."""
    day.sync()
    content = {"records": rescued(day)["records"], "unreadable": 0}
    content["records"][0]["body"] = ""
    report = _import(staffed, tmp_path, content)
    assert (_records(report), report.problems) == ((0, 4, 0, 0), [])


def test_only_whole_files_that_records_name_are_kept(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path
) -> None:
    """A torn file, one that nobody named, one that is no base64 and one that is nothing at all."""
    content = rescued(day, b"nobody named me", PICTURE)
    torn = {**file_of(PICTURE), "content": file_of(PICTURE[:-1])["content"]}
    content["files"] += [torn, {**file_of(PICTURE), "content": "?"}, 7]
    report = _import(staffed, tmp_path, content)
    assert _codes(report) == [
        (1, "sha256", "422.137"),
        (3, "content", "422.138"),
        (4, "content", "422.131"),
        (5, "content", "422.131"),
    ]
    assert (report.files[Fate.STORED], count(staffed, blobs)) == (1, 1)


NO_RESCUE_FILES = {
    b"not json": "400.19",
    b"\xff\xfe": "400.19",
    b"": "400.19",
    b"[]": "400.19",
    b"7": "400.19",
    b'{"records": {}}': "400.19",
    b'{"records": [], "unreadable": -1}': "400.19",
    b'{"records": [], "format": "fieldsync-rescue/2"}': "400.20",
    b'{"records": [], "format": []}': "400.19",
    b"[" * 100_000: "400.19",
}


@pytest.mark.parametrize("raw", NO_RESCUE_FILES)
def test_what_is_no_rescue_file_is_refused(
    raw: bytes, staffed: ServerContext, tmp_path: Path
) -> None:
    """Nothing is looked at, nothing is written, and the code says why."""
    path = tmp_path / "rescue.json"
    path.write_bytes(raw)
    with pytest.raises(InputError) as refused:
        import_rescue(staffed, path, dry_run=False)
    assert refused.value.code == NO_RESCUE_FILES[raw]


def test_a_file_that_is_not_there_or_far_too_large(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told in words like every other import."""
    with pytest.raises(InputError) as missing:
        import_rescue(staffed, tmp_path / "nowhere.json", dry_run=False)
    monkeypatch.setattr(importing, "SIZE_MAX", 100)
    with pytest.raises(InputError) as large:
        _import(staffed, tmp_path, rescued(day))
    assert (missing.value.code, large.value.code) == ("400.16", "400.21")


def test_a_full_quarantine_refuses_by_name(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What finds no room stays in the file and is named; what was kept before counts as there."""
    hand_over(day, day.journal[1])
    monkeypatch.setattr(quarantine_operations, "RECORDS_MAX", 1)
    content = rescued(day)
    del content["records"][0]
    report = _import(staffed, tmp_path, content)
    assert _records(report) == (0, 1, 0, 2)
    assert _codes(report) == [(2, "body", "413.6"), (3, "body", "413.6")]


def test_the_office_imports_a_file(
    staffed: ServerContext, day: FieldDevice, tmp_path: Path, capsys: Captured
) -> None:
    """Counts on stdout, problems and the next step on stderr, in both languages; 1 where one is refused."""
    home = staffed.config.home
    content = rescued(day, unreadable=2)
    del content["records"][1]
    content["records"].append("nonsense")
    path = str(write(tmp_path / "rescue.json", content))
    assert call(home, "import-rescue", path, "--dry-run") == EXIT_FAILED
    out, err = capsys.readouterr()
    assert out == "Records: 1 stored, 0 already there, 2 in quarantine, 1 refused.\n"
    assert "record 4, body" in err
    assert "422.131" in err
    assert "preview" in err
    assert call(home, "import-rescue", path, "--json") == EXIT_FAILED
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["records"] == {"stored": 1, "already_there": 0, "quarantined": 2, "refused": 1}
    assert (told["unreadable"], told["dry_run"]) == (2, False)
    assert told["problems"][0]["code"] == "422.131"
    assert "review list --state quarantined" in err
    assert call(home, "import-rescue", path, language="zh-CN") == EXIT_FAILED
    out, err = capsys.readouterr()
    assert "已有 3 条" in out
    assert "第 4 条记录" in err
    assert call(home, "import-rescue", str(tmp_path / "none.json")) == EXIT_USAGE
    with reading(staffed.engine) as conn:
        lines = conn.execute(select(audit.c.detail).where(audit.c.action == "rescue.imported"))
        assert [json.loads(line)["records"]["stored"] for line in lines.scalars()] == [1, 0]
