"""Days of a whole branch, checked by somebody who shares no line with us: what was planned, started and sent."""

import ast
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from server.workflow.conduct_measure import Measure
from server.workflow.report_conduct import report_conduct
from tests.journeys import month_checker
from tests.journeys.month_checker import Books, Stop, check, instant, read_books
from tests.journeys.simulated_month import FIRST_DAY, simulated_month

WEEK, MONTH = 5, 22
Planted = tuple[Callable[[Books], None], str]


def test_the_checker_shares_no_code_with_the_product() -> None:
    """It imports the standard library alone, so that one mistake cannot be made twice."""
    tree = ast.parse(Path(month_checker.__file__).read_text(encoding="utf-8"))
    modules = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Books, dict[str, Measure]]:
    """The first five working days: what the store holds, and the conduct report on them."""
    folder = tmp_path_factory.mktemp("week")
    with simulated_month(folder, WEEK) as month:
        report = report_conduct(
            month.ctx, FIRST_DAY - timedelta(days=1), FIRST_DAY + timedelta(days=6)
        )
        assert month.doors.counted["started"] > 1000
    return _books(folder), {measure.key: measure for measure in report.measures}


def test_a_week_of_a_branch_keeps_to_its_packs(week: tuple[Books, dict[str, Measure]]) -> None:
    """Every stop, start and notice is allowed, and whoever went too early is marked."""
    found = check(week[0])
    assert found.faults == []
    assert found.stops > 1000
    assert found.starts > 1000
    assert found.notices > 1000
    assert found.flagged > 0


def test_the_report_counts_what_happened_in_the_week(
    week: tuple[Books, dict[str, Measure]],
) -> None:
    """Its totals are those of the store read by other means."""
    books, measures = week
    assert measures["visits"].total.count == len(books.visits)
    assert measures["holds"].total.count == sum(len(stops) for stops in books.holds.values())
    assert measures["notices"].total.count == len(books.notices)
    seconds = {figure.key: figure.seconds for figure in measures["holds"].figures}
    assert seconds["median"] is not None
    assert seconds["worst"] is not None
    assert seconds["median"] <= seconds["worst"]


def _at_seven(books: Books) -> None:
    _published, day = books.itineraries[0]
    stop = day["stops"][0]
    stop["start"] = instant(stop["start"]).replace(hour=7).isoformat()


def _alone(books: Books) -> None:
    _published, day = books.itineraries[0]
    day["officers"] = day["officers"][:1]


def _on_hold(books: Books) -> None:
    published, day = books.itineraries[0]
    before = published - timedelta(hours=1)
    books.holds[day["stops"][0]["case_id"]].append(Stop(before, before, month_checker.NEVER))


def _flagged(books: Books) -> None:
    _published, day = books.itineraries[0]
    books.cases[day["stops"][0]["case_id"]]["flags"].append("vulnerable")


def _spoken_to(books: Books) -> None:
    published, case_id = _last_resort(books)
    books.cases[case_id]["contacts"].append(
        {"at": published, "channel": "call", "reached": "debtor", "promise_until": None}
    )


def _promised(books: Books) -> None:
    published, case_id = _last_resort(books)
    books.cases[case_id]["contacts"].append(
        {"at": published, "channel": "sms", "reached": "none", "promise_until": "2027-06-30"}
    )


def _barely_overdue(books: Books) -> None:
    books.cases[_last_resort(books)[1]]["loan"]["days_past_due"] = 20


def _untried(books: Books) -> None:
    books.cases[_last_resort(books)[1]]["contacts"].clear()


def _last_resort(books: Books) -> tuple[str, str]:
    """A published stop nobody asked for: when its day was published, and its case."""
    published, day = books.itineraries[0]
    stop = next(s for s in day["stops"] if books.cases[s["case_id"]]["appointment"] is None)
    return (published - timedelta(minutes=5)).isoformat(), stop["case_id"]


def _accepted_at_night(books: Books) -> None:
    start = books.starts[0]
    moment = instant(start.body["occurred_at"]).astimezone(UTC).replace(hour=20)
    body = deepcopy(start.body) | {"occurred_at": moment.isoformat()}
    books.starts[0] = replace(start, body=body, outcome="accepted")


def _marked_for_nothing(books: Books) -> None:
    place = next(i for i, one in enumerate(books.starts) if one.outcome == "accepted")
    reason = '{"code":"rule.CN-HOURS"}'
    books.starts[place] = replace(books.starts[place], outcome="in_review", reason=reason)


def _told_at_night(books: Books) -> None:
    case_id, given_at = books.notices[0]
    books.notices[0] = (case_id, given_at.replace(hour=20))


PLANTED: tuple[Planted, ...] = (
    (_at_seven, "stop"),
    (_alone, "1 officers"),
    (_on_hold, "on hold"),
    (_flagged, "flag vulnerable"),
    (_spoken_to, "spoken to within seven days"),
    (_promised, "promise open"),
    (_barely_overdue, "days overdue"),
    (_untried, "too few channels"),
    (_accepted_at_night, "start"),
    (_marked_for_nothing, "marked without cause"),
    (_told_at_night, "notice"),
)


@pytest.mark.parametrize(("plant", "told"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_a_planted_breach_is_found(
    week: tuple[Books, dict[str, Measure]], plant: Callable[[Books], None], told: str
) -> None:
    """One breach put into the week's books on purpose: the checker names it, so it can fail."""
    books = deepcopy(week[0])
    plant(books)
    faults = check(books).faults
    assert faults
    assert any(told in fault for fault in faults)


@pytest.mark.slow
def test_a_month_of_a_branch_keeps_to_its_packs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty-two working days of forty officers, with holds lifted and borrowers visited again."""
    with simulated_month(tmp_path, MONTH) as month:
        counted = dict(sorted(month.doors.counted.items()))
    found = check(_books(tmp_path))
    with capsys.disabled():
        figures = {name: value for name, value in asdict(found).items() if name != "faults"}
        print(f"\nsimulated month: {figures} {counted}")  # noqa: T201 - the figures of a long run
    assert found.faults == []
    assert found.stops > MONTH * 100


def _books(folder: Path) -> Books:
    return read_books(folder / "bank" / "fieldsync.db")
