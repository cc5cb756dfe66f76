"""The conduct report, through the real program: what it counts, what it hides, and how it is handed out."""

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_FAILED, EXIT_USAGE
from fieldsync.terminal.run import run
from server.cli import build_group
from server.context import ServerContext
from server.workflow.lift_hold import lift
from server.workflow.report_conduct import report_conduct
from server.workflow.review_operations import decide
from tests.fakes import FixedClock
from tests.server.case_files import case_file, disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

Captured = pytest.CaptureFixture[str]
DAYS = ("--from", "2026-11-01", "--to", "2026-12-31")
CREW = ("E1001", "E1002")


def call(home: Path, *args: str, language: str = "en") -> int:
    """Run the program in this process."""
    asked = ["--home", str(home), *args]
    return run(build_group, asked, language=language, program="fieldsync-server")


def measures(ctx: ServerContext, capsys: Captured) -> dict[str, dict[str, dict[str, object]]]:
    """The report as JSON."""
    capsys.readouterr()
    assert call(ctx.config.home, "report", "conduct", *DAYS, "--json") == 0
    told: dict[str, dict[str, dict[str, object]]] = json.loads(capsys.readouterr().out)["measures"]
    return told


@pytest.fixture
def six(give: CaseGiver, ana: Officer, ben: Officer) -> list[str]:
    """Six cases of Ana and Ben."""
    return [give(ana, ben, case=case_file(f"C-{n}")).case_id for n in range(6)]


def start_at_eleven(device: FieldDevice, case_id: str) -> str:
    """A visit begun at eleven at night; the record's id."""
    at = device.clock.now().replace(hour=23) - timedelta(days=1)
    return device.record("visit.start", case_id, visit_start(f"N-{case_id}", *CREW), at=at).op_id


def test_a_breach_is_counted_also_after_a_person_accepted_it(
    staffed: ServerContext, device: FieldDevice, six: list[str], capsys: Captured
) -> None:
    """The decision does not wipe the finding out; and it counts as a decision over a rule."""
    nights = [start_at_eleven(device, case_id) for case_id in six]
    device.sync()
    for op_id in nights[:5]:
        decide(staffed, op_id, accept=True, reason="he had asked for it", by="office")
    told = measures(staffed, capsys)
    breaches, over = told["breaches"], told["overrides"]
    assert breaches["total"] == {"count": 6, "shown": "6"}
    rules = breaches["by"]["rule"]
    assert rules == {"CN-HOURS": {"count": 6, "shown": "6"}}
    assert breaches["by"]["officer"]["E1001"] == {"count": 6, "shown": "6"}  # type: ignore[index]  # JSON
    accepted = over["by"]["accepted_over_rule"]
    assert accepted == {"CN-HOURS": {"count": 5, "shown": "5"}}


def test_few_are_hidden_and_so_is_what_would_tell_them(
    staffed: ServerContext, device: FieldDevice, six: list[str], capsys: Captured
) -> None:
    """Two breaches by one officer: the total is hidden, and every count below it."""
    for case_id in six[:2]:
        start_at_eleven(device, case_id)
    device.sync()
    told = measures(staffed, capsys)["breaches"]
    assert told["total"] == {"count": None, "shown": "<5"}
    assert told["by"]["rule"] == {"CN-HOURS": {"count": None, "shown": "<5"}}
    officers = told["by"]["officer"]
    assert isinstance(officers, dict)
    assert {cell["count"] for officer, cell in officers.items() if officer in CREW} == {None}


def test_holds_tell_how_fast_colleagues_knew(
    staffed: ServerContext,
    enrolled: DeviceMaker,
    six: list[str],
    clock: FixedClock,
    ana: Officer,
    ben: Officer,
    capsys: Captured,
) -> None:
    """The officer who brought a hold knew it first; the other one is waited for."""
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    hers.sync()
    his.sync()
    for case_id in six:
        hers.record("hardship.disclose", case_id, disclosure(hers.new_id(), case_id, clock.now()))
    hers.sync()
    clock.go_on(minutes=5)
    his.sync()
    his.sync()
    told = measures(staffed, capsys)
    holds, hardship = told["holds"], told["hardship"]
    assert holds["total"]["count"] == 6
    reach = holds["by"]["reach"]
    assert reach["known"] == {"count": 6, "shown": "6"}  # type: ignore[index]  # JSON
    assert holds["seconds"] == {"median": 300.0, "p95": 300.0, "worst": 300.0}
    assert hardship["total"]["count"] == 6


def test_exits_and_overruns_are_timed(
    staffed: ServerContext, device: FieldDevice, six: list[str], capsys: Captured
) -> None:
    """Seconds from “please leave” to the exit, and beyond the hour of the law, as the device timed them."""
    for number, case_id in enumerate(six):
        visit = f"V-{number}"
        device.record("visit.start", case_id, visit_start(visit, *CREW))
        device.record("visit.stop", case_id, {"visit_id": visit, "cause": "asked_to_leave"})
        timed = {"exit_seconds": 20 + 10 * number, "overrun_s": 60}
        end = visit_finish(visit, "ASKED_TO_LEAVE") | timed
        device.record("visit.finish", case_id, end)
    device.sync()
    told = measures(staffed, capsys)
    assert told["exits"]["seconds"] == {"median": 45.0, "worst": 70.0}
    cause = told["exits"]["by"]["cause"]
    assert cause == {"asked_to_leave": {"count": 6, "shown": "6"}}
    assert told["overruns"]["seconds"] == {"median": 60.0, "worst": 60.0}


def test_a_hold_that_a_person_ends_is_counted(
    staffed: ServerContext, device: FieldDevice, six: list[str], capsys: Captured
) -> None:
    """Holds lifted by the office stand among its decisions, by kind."""
    for case_id in six:
        told = disclosure(device.new_id(), case_id, device.clock.now())
        device.record("hardship.disclose", case_id, told)
    device.sync()
    for case_id in six:
        lift(staffed, case_id, reason="answered", by="office")
    lifted = measures(staffed, capsys)["overrides"]["by"]["hold_lifted"]
    assert lifted == {"hardship": {"count": 6, "shown": "6"}}


def test_no_amount_is_in_the_report(
    staffed: ServerContext, device: FieldDevice, six: list[str], capsys: Captured
) -> None:
    """A promise of 4,321 yuan counts as a promise; the sum is nowhere."""
    for number, case_id in enumerate(six):
        visit = f"V-{number}"
        device.record("visit.start", case_id, visit_start(visit, *CREW))
        promise = {"date": "2026-12-20", "amount_minor": 432_100, "currency": "CNY"}
        device.record("visit.finish", case_id, visit_finish(visit, "PTP") | {"promise": promise})
    device.sync()
    promises = measures(staffed, capsys)["promises"]
    assert promises["total"]["count"] == 6
    assert promises["by"]["promise"]["not_due"] == {"count": 6, "shown": "6"}  # type: ignore[index]  # JSON
    assert call(staffed.config.home, "report", "conduct", *DAYS) == 0
    assert "4321" not in capsys.readouterr().out.replace(",", "")


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Conduct report"), ("zh-CN", "催收行为报告")]
)
def test_the_page_asks_nobody_for_anything(
    staffed: ServerContext,
    device: FieldDevice,
    six: list[str],
    tmp_path: Path,
    language: str,
    title: str,
) -> None:
    """One file in the reader's language: no script, no address, a table beside each chart."""
    for case_id in six:
        start_at_eleven(device, case_id)
    device.sync()
    file = tmp_path / "conduct.html"
    home = staffed.config.home
    assert call(home, "report", "conduct", *DAYS, "--html", str(file), language=language) == 0
    page = file.read_text(encoding="utf-8")
    assert f"<title>{title}</title>" in page
    assert f'<html lang="{language}">' in page
    assert "default-src 'none'" in page
    assert not re.search(r"<script|https?:|<link|@import|url\(", page)
    assert page.count("<svg") == page.count("<table") > 0


def test_the_csv_is_tidy_and_harmless(
    staffed: ServerContext, device: FieldDevice, six: list[str], tmp_path: Path
) -> None:
    """One line a figure, in a folder under a name that says what it is; hidden counts are empty."""
    start_at_eleven(device, six[0])
    device.sync()
    home = staffed.config.home
    assert call(home, "report", "conduct", *DAYS, "--csv", str(tmp_path)) == 0
    file = tmp_path / "conduct-all-2026-11-01-2026-12-31.csv"
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    (hours,) = [row for row in rows if row["code"] == "CN-HOURS"]
    assert (hours["measure"], hours["part"], hours["count"]) == ("breaches", "rule", "")
    assert hours["shown"] == "<5"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_days_the_wrong_way_round_and_unknown_branches_are_said(
    staffed: ServerContext, capsys: Captured
) -> None:
    """Nothing is guessed, and nothing empty is handed out instead."""
    home = staffed.config.home
    wrong = ("--from", "2026-11-30", "--to", "2026-11-01")
    assert call(home, "report", "conduct", *wrong) == EXIT_USAGE
    assert "422.551" in capsys.readouterr().err
    assert call(home, "report", "conduct", *DAYS, "--branch", "NOWHERE") == EXIT_FAILED
    assert "404.31" in capsys.readouterr().err


def test_a_branch_is_reported_alone(
    staffed: ServerContext, device: FieldDevice, six: list[str]
) -> None:
    """Another branch's report counts nothing of this one and lists none of its officers."""
    for case_id in six:
        start_at_eleven(device, case_id)
    device.sync()
    day = staffed.clock.now().date()
    report = report_conduct(staffed, day - timedelta(days=2), day, "SZ-FUTIAN")
    (breaches,) = [one for one in report.measures if one.key == "breaches"]
    assert breaches.total.count == 0
    officers = {cell.key for part in breaches.breakdowns for cell in part.cells}
    assert not officers & set(CREW)
