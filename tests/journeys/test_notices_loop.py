"""The loop of notices as the office walks it: plan, tell, take down the answers, and the next plan obeys."""

import csv
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli import build_group
from tests.conftest import ROOT

BOOK = ROOT / "fixtures" / "shenzhen"
TOMORROW, AFTER = "2026-11-25", "2026-11-26"


class Office:
    """The program in the hands of a person at the office of one small branch."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def says(self, *words: str) -> str:
        """What a command prints on standard output."""
        result = CliRunner().invoke(build_group(), ["--home", str(self.home), *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    def tells(self, *words: str) -> Any:
        """The same as data."""
        return json.loads(self.says(*words, "--json"))

    def plans(self, day: str) -> dict[str, dict[str, Any]]:
        """A new plan of the day: its stops by case."""
        plan = self.tells("plan", "--branch", "SZ-NANSHAN", "--date", day, "--iterations", "20")
        return {stop["case_id"]: stop for one in plan["itineraries"] for stop in one["stops"]}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """One pair and twenty cases of the made-up branch, on the eve of the first day."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", "2026-11-24T09:00:00+08:00")
    office = Office(tmp_path / "bank")
    office.says("init", "--training")
    settings = office.home / "config.toml"
    text = settings.read_text(encoding="utf-8")
    named = text.replace('name = ""', 'name = "星河银行"').replace('phone = ""', 'phone = "95500"')
    settings.write_text(named, encoding="utf-8")
    for name, lines in (("staff.csv", 2), ("cases.csv", 21)):
        with (BOOK / name).open(encoding="utf-8") as whole:
            (tmp_path / name).write_text("".join(islice(whole, lines)), encoding="utf-8")
    office.says("import-staff", str(tmp_path / "staff.csv"))
    with (BOOK / "contacts.csv").open(encoding="utf-8") as whole:
        few = [line for line in whole if line[:7] <= "NS-0020" or line.startswith("case_id")]
    (tmp_path / "contacts.csv").write_text("".join(few), encoding="utf-8")
    office.says("import-cases", str(tmp_path / "cases.csv"), str(tmp_path / "contacts.csv"))
    return office


def test_what_borrowers_answer_changes_the_days_that_follow(office: Office, tmp_path: Path) -> None:
    """Each stop has its notice; one answer moves a visit, another stops it; told twice, it is done once."""
    first = office.plans(TOMORROW)
    office.says("publish", "--branch", "SZ-NANSHAN", "--date", TOMORROW)
    office.says("notices", "write", "--branch", "SZ-NANSHAN", "--date", TOMORROW)
    office.says("notices", "send")
    told = {one["case_id"]: one for one in office.tells("notices", "list", "--date", TOMORROW)}
    assert told.keys() == first.keys()
    for case_id, stop in first.items():
        window = told[case_id]["window"]
        assert window["start"] <= stop["start"] < window["end"]
    moved, ill, *others = sorted(first)
    answers = tmp_path / "答复.csv"
    with answers.open("w", encoding="gb18030", newline="") as file:
        rows = [
            ("通知编号", "答复", "改约时间", "说明"),
            (told[moved]["notice_id"], "改约", f"{AFTER} 16:00-17:00", "来电改约"),
            (told[ill]["notice_id"], "有困难", "", "儿子来电"),
        ]
        csv.writer(file).writerows(rows)
    done = office.tells("notices", "import-answers", str(answers))
    assert ({one["case_id"] for one in done["answered"]}, done["problems"]) == ({moved, ill}, [])
    assert office.plans(TOMORROW).keys() == set(others)
    next_day = office.plans(AFTER)
    assert ill not in next_day
    assert f"{AFTER}T16:00" <= next_day[moved]["start"] < f"{AFTER}T17:00"
    assert ill in office.says("hardship", "list")
    again = office.tells("notices", "import-answers", str(answers))
    assert (again["answered"], again["unchanged"]) == ([], 2)
