"""The office's commands for visits, complaints and corrections, as a person and a program read them."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from fieldsync.domain.check import Level
from fieldsync.domain.correction import CorrectionKind
from fieldsync.domain.officer import Officer
from server.cli import build_group
from server.context import ServerContext
from server.workflow.examine_visits import check_visits
from server.workflow.visits_under_way import visits_under_way
from tests.server.case_files import case_file, visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.door_records import CREW, complaint, correction
from tests.server.field_device import FieldDevice


def said(ctx: ServerContext, *words: str, code: int = 0) -> str:
    """What the program prints."""
    result = CliRunner().invoke(build_group(), ["--home", str(ctx.config.home), *words])
    assert result.exit_code == code, result.output
    return result.output


def begin(device: FieldDevice, visit_id: str, case_id: str = "C-1", minutes: int = 30) -> str:
    """A visit begins that is to be over in so many minutes."""
    until = device.clock.now() + timedelta(minutes=minutes)
    start = {**visit_start(visit_id, *CREW), "expected_end": until.isoformat()}
    return device.record("visit.start", case_id, start).op_id


def test_who_should_be_out_by_now_comes_first(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """An end that has come, even one under review, is an end; of an old program nobody is overdue."""
    give(ana)
    for name in ("C-2", "C-3", "C-4"):
        give(ana, case=case_file(name))
    begin(device, "V-1", minutes=90)
    begin(device, "V-2", "C-2", minutes=20)
    device.record("visit.start", "C-3", visit_start("V-3", *CREW))
    over = begin(device, "V-4", "C-4", minutes=10)
    finish = {**visit_finish("V-4"), "identity_shown": False}
    device.record("visit.finish", "C-4", finish, depends_on=(over,))
    device.sync()
    assert check_visits(staffed).level is Level.OK
    device.clock.go_on(hours=1)
    found = visits_under_way(staffed)
    assert [visit.visit_id for visit in found] == ["V-2", "V-3", "V-1"]
    assert [v.visit_id for v in visits_under_way(staffed, overdue_only=True)] == ["V-2"]
    assert visits_under_way(staffed, branch="SZ-FUTIAN") == []
    assert check_visits(staffed).level is Level.WARN


def test_a_start_in_review_is_a_visit_all_the_same(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ben: Officer
) -> None:
    """Whether it was in order is asked later; whether they are safe is asked now."""
    give(ben)
    begin(device, "V-1")
    device.sync()
    (visit,) = visits_under_way(staffed)
    assert (visit.visit_id, visit.officers, visit.device) == ("V-1", CREW, "ana")
    assert visit.last_contact is not None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_office_reads_and_decides(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, language: str
) -> None:
    """Listed, shown, extended, answered, accepted: each says what it did; JSON has stable keys."""
    from fieldsync.locale import set_language

    give(ana)
    now = device.clock.now()
    begin(device, "V-1")
    device.record("complaint.record", "C-1", complaint("K-000001", now, about=("E1002",)))
    wrong = correction("R-000001", now, CorrectionKind.ADDRESS, wrong="home")
    device.record("correction.propose", "C-1", wrong)
    device.sync()
    set_language(language)
    try:
        assert "C-1" in said(staffed, "visits")
        (visit,) = json.loads(said(staffed, "visits", "--json"))
        assert (visit["case_id"], visit["officers"]) == ("C-1", list(CREW))
        assert "Ben Zhou" in said(staffed, "complaints", "list")
        (told,) = json.loads(said(staffed, "complaints", "list", "--json"))
        assert (told["complexity"], told["state"], told["officer_id"]) == (
            "simple",
            "open",
            "E1001",
        )
        assert "They shouted" in said(staffed, "complaints", "show", "000001")
        more = ("--complexity", "complex", "--reason", "calls to hear", "--by", "Li")
        assert "2026-12-24" in said(staffed, "complaints", "extend", "000001", *more)
        said(staffed, "complaints", "answer", "000001", "--reason", "apologised", "--by", "Li")
        assert "apologised" in said(staffed, "complaints", "show", "000001")
        assert "home" in said(staffed, "corrections", "list")
        assert "home" in said(staffed, "corrections", "show", "000001")
        why = ("--reason", "landlord", "--by", "Li")
        said(staffed, "corrections", "accept", "000001", *why)
        said(staffed, "corrections", "refuse", "000001", *why, code=1)
    finally:
        set_language("en")
