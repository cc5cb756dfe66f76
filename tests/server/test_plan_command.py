"""`plan`, `publish` and the route map as a person meets them: the real program, the whole branch."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

BOOK = ROOT / "fixtures" / "shenzhen"
PLAN = ("plan", "--branch", "SZ-NANSHAN", "--date", "2026-11-24")


def server(home: Path, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    """Run the program on a training server at six in the evening before."""
    program = (sys.executable, "-c", "from server.cli import main; main()", "--home", str(home))
    environment = {
        **os.environ,
        "FIELDSYNC_TRAINING_CLOCK": "2026-11-23T18:00:00+08:00",
        "LANGUAGE": language,
        "COLUMNS": "100",
    }
    return subprocess.run(
        [*program, *arguments], env=environment, check=False, capture_output=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server that holds the fixture branch of 1,200 cases."""
    home = tmp_path_factory.mktemp("branch") / "bank"
    books = [str(BOOK / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    for command in (
        ["init", "--training"],
        ["import-staff", str(BOOK / "staff.csv")],
        ["import-cases", *books],
    ):
        assert server(home, *command).returncode == 0
    return home


@pytest.fixture(scope="module")
def plan(bank: Path) -> dict[str, Any]:
    """The branch's plan as JSON, from a short search."""
    done = server(bank, *PLAN, "--iterations", "200", "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_branch_is_planned_and_no_appointment_missed(plan: dict[str, Any]) -> None:
    """Twenty pairs, hundreds of stops, every agreed time kept."""
    assert plan["pairs"] == 20
    assert plan["stops"] > 200
    assert plan["appointments"] > 0
    assert plan["appointments_missed"] == []


def test_every_stop_of_the_branch_is_legal(plan: dict[str, Any]) -> None:
    """Read from the JSON alone: no case twice, each visit in its window, travel and order as told."""
    seen: set[str] = set()
    for itinerary in plan["itineraries"]:
        leave = ""
        assert len(itinerary["stops"]) <= 14
        for stop in itinerary["stops"]:
            assert stop["case_id"] not in seen
            seen.add(stop["case_id"])
            assert leave <= stop["arrive"] <= stop["start"] < stop["leave"]
            assert any(w["start"] <= stop["start"] < w["end"] for w in stop["windows"])
            leave = stop["leave"]
        assert leave <= itinerary["return_at"]


def test_publish_hands_out_the_newest_plan(bank: Path) -> None:
    """By branch and day; a second time nothing changes."""
    plan = json.loads(server(bank, *PLAN, "--iterations", "20", "--json").stdout)
    day = ("publish", "--branch", "SZ-NANSHAN", "--date", "2026-11-24", "--json")
    first, second = json.loads(server(bank, *day).stdout), json.loads(server(bank, *day).stdout)
    assert first["plan_id"] == plan["plan_id"]
    assert first["itineraries_new"] == 20
    assert (second["itineraries_new"], second["itineraries_unchanged"]) == (0, 20)


class _Outside(HTMLParser):
    """Collects whatever a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts, and every address."""
        if tag in {"script", "link", "img", "iframe"}:
            self.found.append(tag)
        self.found += [name for name, _value in attrs if name in {"src", "href", "xlink:href"}]


def test_the_map_needs_nothing_from_outside(bank: Path, tmp_path: Path) -> None:
    """One file in the language asked for, with a table beside every picture."""
    page = tmp_path / "day.html"
    done = server(bank, *PLAN, "--iterations", "20", "--map", str(page), language="zh_CN")
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    outside = _Outside()
    outside.feed(text)
    assert outside.found == []
    assert text.count("<section>") == text.count("<table>") == 2 * 20
    assert "备选" in text
    assert 'id="read-zh-CN" checked' in text


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("plan", "--branch", "SZ-NANSHAN", "--date", "tomorrow"), "600.9", 2),
        (("plan", "--branch", "SZ-NANSHAN", "--date", "2026-11-22"), "422.34", 2),
        (("plan", "--branch", "XX", "--date", "2026-11-24"), "404.31", 1),
        (("publish",), "422.38", 2),
        (("publish", "--branch", "SZ-NANSHAN", "--date", "2027-01-01"), "404.33", 1),
        (("publish", "--plan", "none"), "404.32", 1),
        (("show", "itinerary", "none"), "404.34", 1),
    ],
)
def test_what_is_wrong_is_said_with_its_number(
    bank: Path, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    """A documented code, an exit status, a hint, and no traceback."""
    done = server(bank, *arguments)
    assert done.returncode == exit_code, done.stderr
    assert f"Error {code}:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_person_reads_a_table(bank: Path) -> None:
    """Pairs, then who stays at home and why; the next step on stderr."""
    done = server(bank, *PLAN, "--iterations", "20")
    assert "appointments kept" in done.stdout
    assert "HOUSE-DPD-60" in done.stdout
    assert "fieldsync-server publish" in done.stderr


def test_a_what_if_is_shown_beside_the_plan_and_not_kept(bank: Path, plan: dict[str, Any]) -> None:
    """In both languages, as JSON too; a wrong question is answered with its code."""
    asked = (*PLAN, "--iterations", "50", "--without", plan["itineraries"][0]["pair_id"])
    done = server(bank, *asked, "--json")
    told = json.loads(done.stdout)
    assert told["after"]["pairs"] == told["before"]["pairs"] - 1
    assert "--keep" in done.stderr
    assert "假设" in server(bank, *asked, language="zh").stdout
    assert "422.582" in server(bank, "plan", "--branch", "SZ-NANSHAN").stderr
    assert (
        "422.583"
        in server(bank, "plan", "--date", "2026-11-24", "--all", "--shift", "9:00-17:00").stderr
    )


def test_all_branches_are_planned_by_processes_of_their_own(bank: Path) -> None:
    """One line a branch, its figures and memory as JSON, and a plan that can be explained."""
    asked = ("plan", "--all", "--date", "2026-11-26", "--jobs", "2", "--iterations", "50")
    done = server(bank, *asked, "--json")
    assert done.returncode == 0, done.stderr
    (branch,) = json.loads(done.stdout)["branches"]
    assert branch["stops"] > 100
    assert 0 < branch["peak_mb"] < 1000
    assert "1/1 SZ-NANSHAN" in done.stderr
    explained = server(bank, "plan", "explain", branch["plan_id"])
    assert "SHA-256" in explained.stdout
    case = server(bank, "plan", "explain", branch["plan_id"], "NS-0002", language="zh")
    assert case.stdout.startswith("案件：NS-0002")
    past = server(bank, *asked[:3], "2026-11-01", "--json")
    assert past.returncode == 1
    assert json.loads(past.stdout)["branches"][0]["code"] == "422.34"


def test_a_plan_is_a_page_without_script_or_request(
    bank: Path, plan: dict[str, Any], tmp_path: Path
) -> None:
    """A row and a box a pair, each stop on the clock and on the map, every case left out by name."""
    page = tmp_path / "plan.html"
    done = server(bank, "plan", "show", plan["plan_id"], "--html", str(page), language="zh")
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in text
    assert not any(word in text for word in ("<script", "http:", "https:", "src=", "@import"))
    assert text.count('type="checkbox"') == plan["pairs"]
    assert text.count('<g class="visit') == plan["stops"]
    assert text.count('<circle class="') == plan["stops"]
    for reason, count in plan["left_out"].items():
        assert reason
        assert f"<b>{count}</b>" in text
