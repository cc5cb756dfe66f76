"""Notices of visits: written from the plan, judged, given once, known to the devices, withdrawn."""

import dataclasses
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.adapters.outbox_errors import not_taken, unknown
from fieldsync.adapters.outbox_folder import FolderOutbox
from fieldsync.conduct.third_party import debt_facts_in
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Case, Hold, HoldKind
from fieldsync.domain.duty import DutyKind
from fieldsync.domain.notice import Letter, NoticeAnswer, NoticeState
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError, UnreachableError
from fieldsync.planner.problem import Budget
from server.config import Lender
from server.context import ServerContext
from server.store.cases import add_hold, load_bank_parts, load_case, save_bank_parts
from server.store.engine import reading, writing
from server.store.itineraries import live_itineraries
from server.store.notices import StoredNotice, find_notices, withdraw_for_case
from server.store.tables import audit
from server.workflow.answer_notice import answer_notice
from server.workflow.list_duties import list_duties
from server.workflow.notice_letter import bare_words
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from server.workflow.send_notices import resend, send_notices
from server.workflow.write_notices import write_notices
from tests.fakes import FixedClock
from tests.server.branch_day import BRANCH, TOMORROW, add_cases, add_pairs, nearby_case, pair_of
from tests.server.test_publish_itineraries import on_device

QUICK = Budget(seed=1, iterations=50, seconds=20.0)
PACKS = builtin_rulesets()


class Letterbox:
    """A Notifier that keeps what it is given; it may be told to fail first."""

    channel = "letterbox"

    def __init__(self, *failures: UnreachableError, repeatable: bool = True) -> None:
        self.repeatable = repeatable
        self.letters: list[Letter] = []
        self._failures = list(failures)

    def give(self, letter: Letter) -> None:
        """Take it, or fail as told."""
        if self._failures:
            raise self._failures.pop(0)
        self.letters.append(letter)


@pytest.fixture
def planned(staffed: ServerContext, ana: Officer, ben: Officer) -> ServerContext:
    """A bank with a name and a telephone, one pair, three cases and tomorrow's plan."""
    server = dataclasses.replace(
        staffed,
        config=dataclasses.replace(staffed.config, lender=Lender("星河银行", "400-800-1234")),
    )
    add_pairs(server, [pair_of("P1", ana, ben)])
    borrowers = {1: "zh-CN", 2: "en-GB", 3: "ur"}
    add_cases(server, [_speaking(nearby_case(n), tag) for n, tag in borrowers.items()])
    plan_visits(server, BRANCH, TOMORROW, budget=QUICK)
    return server


def _speaking(case: Case, tag: str) -> Case:
    borrower = dataclasses.replace(case.borrower, language=tag)
    return dataclasses.replace(case, borrower=borrower)


def by_case(server: ServerContext) -> dict[str, StoredNotice]:
    """The notices that stand, by case."""
    with reading(server.engine) as conn:
        found = find_notices(conn, branch=BRANCH, day=TOMORROW)
    return {n.notice.case_id: n for n in found if n.state is not NoticeState.WITHDRAWN}


def test_each_visit_gets_one_notice_in_the_borrowers_language(planned: ServerContext) -> None:
    """Chinese, English, or both together where the language is another one."""
    written = write_notices(planned, BRANCH, TOMORROW)
    assert len(written.new) == 3
    texts = {n.notice.case_id: n.notice.text for n in written.new}
    assert "星河银行拟于" in texts["C-01"]
    assert "would like" not in texts["C-01"]
    assert "would like to visit you" in texts["C-02"]
    assert "拟于" not in texts["C-02"]
    assert "拟于" in texts["C-03"]
    assert "would like to visit you" in texts["C-03"]
    assert all("400-800-1234" in text for text in texts.values())


def test_writing_again_changes_nothing(planned: ServerContext) -> None:
    """The second run keeps what the first one wrote."""
    first = write_notices(planned, BRANCH, TOMORROW)
    second = write_notices(planned, BRANCH, TOMORROW)
    assert (second.new, second.withdrawn) == ((), ())
    assert {n.notice.notice_id for n in second.kept} == {n.notice.notice_id for n in first.new}


def test_a_dry_run_writes_nothing(planned: ServerContext) -> None:
    """It says what would be written."""
    assert len(write_notices(planned, BRANCH, TOMORROW, dry_run=True).new) == 3
    assert by_case(planned) == {}


def test_a_day_that_is_not_planned_has_no_notices(planned: ServerContext) -> None:
    """The error says what to do first."""
    with pytest.raises(NotFoundError) as error:
        write_notices(planned, BRANCH, TOMORROW + timedelta(days=3))
    assert error.value.code == "404.85"


def test_a_bank_without_a_telephone_writes_to_nobody(planned: ServerContext) -> None:
    """A letter that nobody can answer is none."""
    config = dataclasses.replace(planned.config, lender=Lender("星河银行", ""))
    with pytest.raises(InputError) as error:
        write_notices(dataclasses.replace(planned, config=config), BRANCH, TOMORROW)
    assert error.value.code == "422.531"


@pytest.mark.parametrize("language", ["zh-CN", "en", ""])
def test_the_letter_tells_nobody_of_a_debt(language: str) -> None:
    """Neither outside nor inside stands a word that CN-THIRD-CONTENT would catch."""
    assert debt_facts_in(bare_words(nearby_case(1), language), nearby_case(1)) == ()


def test_what_is_given_is_recorded_and_reaches_the_devices(planned: ServerContext) -> None:
    """In one transaction: the instant, the audit line, the case in its next version."""
    plan = plan_visits(planned, BRANCH, TOMORROW, budget=QUICK)
    publish_plan(planned, plan.plan_id)
    write_notices(planned, BRANCH, TOMORROW)
    box = Letterbox()
    sent = send_notices(planned, box, PACKS)
    assert [one.stored.state for one in sent] == [NoticeState.GIVEN] * 3
    with reading(planned.engine) as conn:
        case = load_case(conn, "C-01")
        told = conn.execute(select(audit.c.action).where(audit.c.action == "notice.given")).all()
    assert case is not None
    assert case.version == 2
    (notice,) = case.notices
    assert notice.given_at == planned.clock.now()
    assert len(told) == len(box.letters) == 3
    assert notice.notice_id in on_device(planned, "E1001")["case:C-01"]


def test_no_notice_is_given_twice(planned: ServerContext) -> None:
    """Sending again finds nothing that waits."""
    write_notices(planned, BRANCH, TOMORROW)
    box = Letterbox()
    send_notices(planned, box, PACKS)
    assert send_notices(planned, box, PACKS) == []
    assert len(box.letters) == 3


def test_a_notice_is_refused_by_a_rule_and_goes_when_it_may(
    planned: ServerContext, clock: FixedClock
) -> None:
    """At eleven at night nobody is written to; in the morning it goes."""
    write_notices(planned, BRANCH, TOMORROW)
    clock.set(datetime.fromisoformat("2026-11-24T23:00:00+08:00"))
    box = Letterbox()
    refused = send_notices(planned, box, PACKS)
    assert {one.stored.state for one in refused} == {NoticeState.REFUSED}
    assert "CN-HOURS" in {r.rule for one in refused for r in one.stored.notice.refusals}
    assert box.letters == []
    clock.set(datetime.fromisoformat("2026-11-25T08:00:00+08:00"))
    assert [one.stored.state for one in send_notices(planned, box, PACKS)] == [
        NoticeState.GIVEN
    ] * 3


def test_a_hold_keeps_the_notice_back(planned: ServerContext) -> None:
    """Nobody whose case stands still is told of a visit."""
    write_notices(planned, BRANCH, TOMORROW)
    hold = Hold("H-1", HoldKind.OFFICE, planned.clock.now())
    with writing(planned.engine) as conn:
        add_hold(conn, "C-01", hold)
    states = {
        s.stored.notice.case_id: s.stored.state for s in send_notices(planned, Letterbox(), PACKS)
    }
    assert states["C-01"] is NoticeState.REFUSED
    with writing(planned.engine) as conn:
        assert withdraw_for_case(conn, "C-01") == 1
        assert withdraw_for_case(conn, "C-02") == 0
    assert "C-01" not in by_case(planned)


def test_one_failure_stops_no_other_and_is_tried_again(planned: ServerContext) -> None:
    """The channel refuses the first letter for good; the next run gives it."""
    write_notices(planned, BRANCH, TOMORROW)
    box = Letterbox(*[not_taken("letterbox", "closed")] * 3)
    sent = send_notices(planned, box, PACKS)
    assert [one.error is None for one in sent] == [False, True, True]
    assert sent[0].stored.state is NoticeState.WRITTEN
    assert sent[0].stored.notice.trouble == "502.1"
    assert [one.error for one in send_notices(planned, box, PACKS)] == [None]
    assert len({letter.notice_id for letter in box.letters}) == 3


def test_what_may_have_arrived_is_sent_again_by_a_person_alone(planned: ServerContext) -> None:
    """A channel that cannot tell a second copy gets none, unless somebody asked at the other end."""
    write_notices(planned, BRANCH, TOMORROW)
    box = Letterbox(unknown("letterbox", "line broke"), repeatable=False)
    first = send_notices(planned, box, PACKS)[0]
    assert first.stored.state is NoticeState.SENDING
    (left,) = send_notices(planned, box, PACKS)
    assert left.stored.state is NoticeState.SENDING
    assert len(box.letters) == 2
    again = resend(planned, first.stored.notice.notice_id, box, PACKS)
    assert again.stored.state is NoticeState.GIVEN


def test_a_claim_of_a_dead_process_is_taken_over_where_that_is_safe(
    planned: ServerContext, clock: FixedClock
) -> None:
    """Not before ten minutes, when the process that claimed it is surely gone."""
    write_notices(planned, BRANCH, TOMORROW)

    class Dying(Letterbox):
        def give(self, letter: Letter) -> None:
            super().give(letter)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_notices(planned, Dying(), PACKS)
    box = Letterbox()
    assert [s.stored.state for s in send_notices(planned, box, PACKS)].count(
        NoticeState.SENDING
    ) == 1
    assert len(box.letters) == 2
    clock.go_on(minutes=11)
    assert [s.stored.state for s in send_notices(planned, box, PACKS)] == [NoticeState.GIVEN]


def test_a_visit_that_has_begun_is_announced_no_more(
    planned: ServerContext, clock: FixedClock
) -> None:
    """A notice that comes too late is withdrawn."""
    write_notices(planned, BRANCH, TOMORROW)
    clock.set(datetime.fromisoformat("2026-11-25T19:00:00+08:00"))
    box = Letterbox()
    sent = send_notices(planned, box, PACKS)
    assert {one.stored.state for one in sent} == {NoticeState.WITHDRAWN}
    assert box.letters == []


def test_the_folder_holds_letters_whose_outside_tells_nothing(
    planned: ServerContext, tmp_path: Path
) -> None:
    """Text, page and manifest a letter; what stands outside is free of the debt."""
    write_notices(planned, BRANCH, TOMORROW)
    send_notices(planned, FolderOutbox(tmp_path / "out"), PACKS)
    manifests = sorted((tmp_path / "out").glob("*.json"))
    assert len(manifests) == 3
    for path in manifests:
        outside = json.loads(path.read_text(encoding="utf-8"))["outside"]
        assert debt_facts_in(" ".join(outside.values()), nearby_case(1)) == ()
        assert path.with_suffix(".txt").exists()
        assert path.with_suffix(".html").exists()


def _given(server: ServerContext) -> dict[str, str]:
    """Tomorrow is out and its borrowers are told: notice ids by case."""
    plan = plan_visits(server, BRANCH, TOMORROW, budget=QUICK)
    publish_plan(server, plan.plan_id)
    write_notices(server, BRANCH, TOMORROW)
    sent = send_notices(server, Letterbox(), PACKS)
    return {one.stored.notice.case_id: one.stored.notice.notice_id for one in sent}


def _case(server: ServerContext, case_id: str) -> Case:
    with reading(server.engine) as conn:
        case = load_case(conn, case_id)
    assert case is not None
    return case


def _stops(server: ServerContext) -> set[str]:
    with reading(server.engine) as conn:
        live = live_itineraries(conn, branch=BRANCH, since=TOMORROW)
    return {stop.case_id for one in live for stop in one.stops}


def test_another_time_becomes_the_appointment_and_outlasts_a_new_book(
    planned: ServerContext,
) -> None:
    """The visit leaves its day at once; the plan of the chosen day keeps the chosen time."""
    ids = _given(planned)
    chosen = Window(
        datetime.fromisoformat("2026-11-26T15:00:00+08:00"),
        datetime.fromisoformat("2026-11-26T16:00:00+08:00"),
    )
    answer_notice(planned, ids["C-01"], NoticeAnswer.ANOTHER_TIME, chosen, reason="rang", by="Li")
    assert "C-01" not in _stops(planned)
    with writing(planned.engine) as conn:
        book = load_bank_parts(conn, ["C-01"])["C-01"]
        save_bank_parts(conn, [dataclasses.replace(book, version=9)], planned.clock.now())
    assert _case(planned, "C-01").appointment == Appointment("home", chosen)
    day = date(2026, 11, 26)
    plan = plan_visits(planned, BRANCH, day, budget=QUICK).plan
    (stop,) = [s for one in plan.itineraries for s in one.stops if s.case_id == "C-01"]
    assert stop.is_appointment
    assert chosen.start <= stop.start <= chosen.end


def test_the_banks_newer_appointment_counts_again(planned: ServerContext) -> None:
    """What the bank agreed later is not overruled by an older answer."""
    ids = _given(planned)
    noon = datetime.fromisoformat("2026-11-27T12:00:00+08:00")
    chosen = Window(noon, noon + timedelta(hours=1))
    answer_notice(planned, ids["C-01"], NoticeAnswer.ANOTHER_TIME, chosen, reason="rang", by="Li")
    later = Appointment("home", Window(noon + timedelta(days=3), noon + timedelta(days=3, hours=1)))
    with writing(planned.engine) as conn:
        book = load_bank_parts(conn, ["C-01"])["C-01"]
        newer = dataclasses.replace(book, appointment=later, version=9)
        save_bank_parts(conn, [newer], planned.clock.now())
    assert _case(planned, "C-01").appointment == later


@pytest.mark.parametrize(
    ("kind", "hold"),
    [
        (NoticeAnswer.IN_DIFFICULTY, HoldKind.HARDSHIP),
        (NoticeAnswer.OBJECTS, HoldKind.DISPUTE),
    ],
)
def test_difficulty_and_objection_stop_collection(
    planned: ServerContext, kind: NoticeAnswer, hold: HoldKind
) -> None:
    """The hold reaches the devices, the visit leaves its day, and difficulty opens a review."""
    ids = _given(planned)
    answer_notice(planned, ids["C-02"][-8:], kind, reason="rang us", by="Li")
    assert [one.kind for one in _case(planned, "C-02").holds] == [hold]
    assert "C-02" not in _stops(planned)
    duties = {duty.kind for duty, _overdue in list_duties(planned)}
    assert (DutyKind.HARDSHIP_ANSWER in duties) == (kind is NoticeAnswer.IN_DIFFICULTY)


def test_nobody_answers_what_was_not_given(planned: ServerContext) -> None:
    """A notice that still waits has no answer; a time that is past is none."""
    written = write_notices(planned, BRANCH, TOMORROW).new[0].notice
    with pytest.raises(ConflictError) as error:
        answer_notice(planned, written.notice_id, NoticeAnswer.OBJECTS, reason="rang", by="Li")
    assert error.value.code == "409.85"
    past = Window(planned.clock.now() - timedelta(hours=2), planned.clock.now())
    with pytest.raises(InputError) as wrong:
        answer_notice(
            planned, written.notice_id, NoticeAnswer.ANOTHER_TIME, past, reason="rang", by="Li"
        )
    assert wrong.value.code == "422.538"


def _chosen(on: str, start: str, end: str) -> Window:
    at = (datetime.fromisoformat(f"{on}T{clock}:00+08:00") for clock in (start, end))
    return Window(*at)


def test_nobody_comes_before_the_day_that_was_chosen(planned: ServerContext) -> None:
    """The day planned again leaves the case out, by a rule of the house."""
    ids = _given(planned)
    later = _chosen("2026-11-26", "15:00", "16:00")
    answer_notice(planned, ids["C-01"], NoticeAnswer.ANOTHER_TIME, later, reason="rang", by="Li")
    again = plan_visits(planned, BRANCH, TOMORROW, budget=QUICK).plan
    assert {s.case_id for one in again.itineraries for s in one.stops} == {"C-02", "C-03"}
    assert [(one.reason, one.cases) for one in again.not_eligible] == [("HOUSE-APPOINTMENT", 1)]


@pytest.mark.parametrize("on", ["2026-11-25", "2026-11-26"])
def test_a_draft_made_before_the_answer_is_not_handed_out(planned: ServerContext, on: str) -> None:
    """Whether the time chosen is later that day or on another one, the day must be planned again."""
    ids = _given(planned)
    draft = plan_visits(planned, BRANCH, TOMORROW, budget=QUICK).plan_id
    late = _chosen(on, "17:00", "17:20")
    answer_notice(planned, ids["C-01"], NoticeAnswer.ANOTHER_TIME, late, reason="rang", by="Li")
    with pytest.raises(ConflictError) as error:
        publish_plan(planned, draft)
    assert error.value.code == "409.32"
