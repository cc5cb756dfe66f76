"""Answers to notices from a table: taken down together or not at all, in both languages, once."""

import csv
import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.adapters.outbox_folder import FolderOutbox
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Flag, Hold, HoldKind
from fieldsync.domain.notice import NoticeAnswer, NoticeState
from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError
from fieldsync.planner.problem import Budget
from server.config import Lender
from server.context import ServerContext
from server.store.cases import add_hold, load_case
from server.store.engine import reading, writing
from server.store.itineraries import live_itineraries
from server.store.notices import find_notices
from server.workflow.answer_notice import answer_notice
from server.workflow.import_answers import import_answers
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from server.workflow.send_notices import send_notices
from server.workflow.write_notices import write_notices
from tests.fakes import FixedClock
from tests.server.branch_day import BRANCH, TOMORROW, add_cases, add_pairs, nearby_case, pair_of

HEADER = ("notice", "answer", "another_time", "reason", "by")
Sheet = Callable[..., Path]


@pytest.fixture
def told(
    staffed: ServerContext, ana: Officer, ben: Officer, tmp_path: Path
) -> tuple[ServerContext, dict[str, str]]:
    """Tomorrow is out and three borrowers are told of it: the server, and notice ids by case."""
    lender = Lender("星河银行", "400-800-1234")
    server = dataclasses.replace(staffed, config=dataclasses.replace(staffed.config, lender=lender))
    add_pairs(server, [pair_of("P1", ana, ben)])
    add_cases(server, [nearby_case(number) for number in (1, 2, 3)])
    plan = plan_visits(server, BRANCH, TOMORROW, budget=Budget(1, 50, 20.0))
    publish_plan(server, plan.plan_id)
    write_notices(server, BRANCH, TOMORROW)
    sent = send_notices(server, FolderOutbox(tmp_path / "out"), builtin_rulesets())
    return server, {s.stored.notice.case_id: s.stored.notice.notice_id for s in sent}


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """Writes a table of answers."""

    def write(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER, to: str = "utf-8") -> Path:
        path = tmp_path / "answers.csv"
        with path.open("w", encoding=to, newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


def stops(server: ServerContext) -> set[str]:
    """The cases on the days that are out."""
    with reading(server.engine) as conn:
        live = live_itineraries(conn, branch=BRANCH, since=TOMORROW)
    return {stop.case_id for one in live for stop in one.stops}


def test_a_chinese_table_moves_one_visit_and_stops_two(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet
) -> None:
    """Written in GB18030 by a spreadsheet: each answer does what it does by hand."""
    server, ids = told
    path = sheet(
        (ids["C-01"], "改约", "2026年11月26日 15:00至17:00", "来电改约", "王芳"),
        (ids["C-02"][-8:], "有困难", "", "儿子来电，近期住院", ""),
        (ids["C-03"], "有异议", "", "称已结清", "王芳"),
        header=("通知编号", "答复", "改约时间", "说明", "记录人"),
        to="gb18030",
    )
    report = import_answers(server, path, by="呼叫中心")
    assert (len(report.answered), report.unchanged, report.problems) == (3, 0, ())
    assert stops(server) == set()
    with reading(server.engine) as conn:
        cases = {case_id: load_case(conn, case_id) for case_id in ids}
        answers = {n.notice.case_id: n.notice.answer for n in find_notices(conn)}
    moved = cases["C-01"]
    assert moved is not None
    assert moved.appointment is not None
    assert moved.appointment.window.start == datetime.fromisoformat("2026-11-26T15:00:00+08:00")
    holds = [[h.kind for h in c.holds] for c in (cases["C-02"], cases["C-03"]) if c is not None]
    assert holds == [[HoldKind.HARDSHIP], [HoldKind.DISPUTE]]
    assert [one.by for _case, one in sorted(answers.items()) if one] == ["王芳", "呼叫中心", "王芳"]


def test_the_same_table_again_changes_nothing(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet, clock: FixedClock
) -> None:
    """Not even when the chosen time is past, nor when somebody answered otherwise since."""
    server, ids = told
    path = sheet(
        (ids["C-01"], "another_time", "2026-11-26 15:00-17:00", "rang", "Li"),
        (ids["C-02"], "in_difficulty", "", "rang", "Li"),
    )
    assert import_answers(server, path, by="Li", dry_run=True).unchanged == 0
    assert len(import_answers(server, path, by="Li").answered) == 2
    answer_notice(server, ids["C-01"], NoticeAnswer.OBJECTS, reason="it is paid", by="Li")
    clock.go_on(days=3)
    again = import_answers(server, path, by="Li")
    assert (again.answered, again.unchanged, again.problems) == ((), 2, ())
    with reading(server.engine) as conn:
        stored = {n.notice.case_id: n.notice for n in find_notices(conn)}
        case = load_case(conn, "C-02")
    answer = stored["C-01"].answer
    assert answer is not None
    assert answer.kind is NoticeAnswer.OBJECTS
    assert [one.kind for one in stored["C-01"].earlier] == [NoticeAnswer.ANOTHER_TIME]
    assert case is not None
    assert len(case.holds) == 1


def test_every_wrong_row_is_named_and_none_is_taken_down(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet
) -> None:
    """One sound row among them waits with the others."""
    server, ids = told
    when = "2026-11-26 15:00-17:00"
    path = sheet(
        (ids["C-01"], "another_time", when, "rang", "Li"),
        ("ffffffff", "objects", "", "rang", "Li"),
        (ids["C-02"], "perhaps", "", "rang", "Li"),
        (ids["C-02"], "another_time", "2026-11-26 23:00-23:30", "rang", "Li"),
        (ids["C-03"], "another_time", "2026-11-23 15:00-17:00", "rang", "Li"),
        (ids["C-03"], "another_time", "tomorrow", "rang", "Li"),
        (ids["C-03"], "another_time", "", "", "Li"),
        (ids["C-03"], "objects", when, "rang", "Li"),
    )
    report = import_answers(server, path, by="Li")
    assert [(p.row, p.column, p.fault.code) for p in report.problems] == [
        (3, "notice", "404.87"),
        (4, "answer", "422.552"),
        (5, "another_time", "422.557"),
        (6, "another_time", "422.538"),
        (7, "another_time", "422.553"),
        (8, "reason", "422.101"),
        (8, "another_time", "422.554"),
        (9, "another_time", "422.554"),
    ]
    assert stops(server) == {"C-01", "C-02", "C-03"}


def test_what_only_the_store_can_tell_is_named_too(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet
) -> None:
    """A notice answered twice, one that was not given, a year ahead, a day on which a rule stands."""
    server, ids = told
    add_cases(server, [nearby_case(4)])
    plan_visits(server, BRANCH, TOMORROW, budget=Budget(1, 50, 20.0))
    (waiting,) = write_notices(server, BRANCH, TOMORROW).new
    path = sheet(
        (ids["C-01"], "objects", "", "rang", "Li"),
        (ids["C-01"][-8:], "in_difficulty", "", "rang again", "Li"),
        (waiting.notice.notice_id, "objects", "", "rang", "Li"),
        (ids["C-02"], "another_time", "2027-11-26 15:00-17:00", "rang", "Li"),
    )
    report = import_answers(server, path, by="Li")
    assert [(p.row, p.fault.code) for p in report.problems] == [
        (2, "422.558"),
        (3, "422.558"),
        (4, "409.85"),
        (5, "422.556"),
    ]


def test_a_hold_that_stands_today_forbids_no_later_time(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet
) -> None:
    """The wish is kept for when collection goes on; the hold itself stays."""
    server, ids = told
    with writing(server.engine) as conn:
        add_hold(conn, "C-01", Hold("H-1", HoldKind.OFFICE, server.clock.now()))
    path = sheet((ids["C-01"], "another time", "2026/11/26 15:00-17:00", "rang", "Li"))
    (answered,) = import_answers(server, path, by="Li").answered
    assert answered.state is NoticeState.ANSWERED


def test_no_time_is_agreed_at_which_a_rule_stands(
    told: tuple[ServerContext, dict[str, str]], sheet: Sheet
) -> None:
    """Who is represented by now is visited at no hour; the rule is named, by hand and in a table."""
    server, ids = told
    flagged = dataclasses.replace(nearby_case(1), flags=frozenset({Flag.REPRESENTED}), version=9)
    add_cases(server, [flagged])
    start = datetime.fromisoformat("2026-11-26T15:00:00+08:00")
    chosen = Window(start, start + timedelta(hours=2))
    with pytest.raises(InputError) as error:
        answer_notice(
            server, ids["C-01"], NoticeAnswer.ANOTHER_TIME, chosen, reason="rang", by="Li"
        )
    assert error.value.code == "422.555"
    assert "HOUSE-REPRESENTED" in str(error.value)
    path = sheet((ids["C-01"], "another_time", "2026-11-26 15:00-17:00", "rang", "Li"))
    (problem,) = import_answers(server, path, by="Li").problems
    assert problem.fault.code == "422.555"


@pytest.mark.parametrize(
    ("header", "encoding", "code"),
    [
        (("notice", "answer"), "utf-8", "400.13"),
        (("notice", "答复", "answer", "reason"), "utf-8", "400.18"),
        (("notice", "answer", "reason", "Grüße äöü"), "latin-1", "400.11"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_whole(
    told: tuple[ServerContext, dict[str, str]],
    sheet: Sheet,
    header: tuple[str, ...],
    encoding: str,
    code: str,
) -> None:
    """Columns that are missing or there twice, and an encoding that nobody wrote Chinese in."""
    with pytest.raises(InputError) as error:
        import_answers(told[0], sheet(header=header, to=encoding), by="Li")
    assert error.value.code == code
