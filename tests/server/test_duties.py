"""Duties with clocks: one list of what is owed, overdue first, in both languages."""

import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from fieldsync.conduct.moratorium import MoratoriumKind
from fieldsync.domain.case import Hold, HoldKind, Payment
from fieldsync.domain.duty import DutyKind
from fieldsync.domain.hardship_decision import HardshipReview
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer
from fieldsync.domain.visit import OutcomeCode
from server.context import ServerContext
from server.store.cases import add_hold, load_bank_parts, save_bank_parts
from server.store.conduct_tables import complaints
from server.store.engine import writing
from server.store.hardship_reviews import open_review
from server.store.tables import visits
from server.store.visits import VisitEnd, end_visit
from server.workflow.list_duties import list_duties
from server.workflow.moratoria import start_moratorium
from tests.fakes import FixedClock
from tests.server.conftest import CaseGiver
from tests.server.test_commands import Captured, call

TODAY = date(2026, 11, 24)


@pytest.fixture
def server(staffed: ServerContext, give: CaseGiver, ana: Officer) -> ServerContext:
    """A server with one case."""
    give(ana)
    return staffed


def kinds(
    server: ServerContext, branch: str | None = None, due_within: int | None = None
) -> list[tuple[DutyKind, bool]]:
    """What is listed, in order, and whether it is overdue."""
    found = list_duties(server, branch=branch, due_within=due_within)
    return [(duty.kind, overdue) for duty, overdue in found]


def complain(server: ServerContext, due: date, state: str = "open") -> None:
    """A complaint that is to be answered by that day."""
    row = {
        "complaint_id": f"K-{due}-{state}",
        "case_id": "C-1",
        "op_id": f"O-{due}-{state}",
        "received_at": server.clock.now(),
        "complexity": "simple",
        "due": due,
        "state": state,
        "body": "{}",
    }
    with writing(server.engine) as conn:
        conn.execute(insert(complaints).values(row))


def visit(server: ServerContext, visit_id: str, *, ends_in_min: int | None = None) -> None:
    """A visit that began now."""
    now = server.clock.now()
    row = {
        "visit_id": visit_id,
        "case_id": "C-1",
        "device_id": "D",
        "address_id": "home",
        "officers": "[]",
        "started_at": now,
        "identity_shown": False,
        "expected_end": now + timedelta(minutes=ends_in_min) if ends_in_min else None,
    }
    with writing(server.engine) as conn:
        conn.execute(insert(visits).values(row))


def promised(server: ServerContext, visit_id: str, until: date) -> None:
    """The visit ended with a promise to pay."""
    end = VisitEnd(visit_id, "C-1", server.clock.now(), OutcomeCode.PTP, True, until)
    with writing(server.engine) as conn:
        end_visit(conn, end)


def test_what_is_overdue_comes_first(server: ServerContext) -> None:
    """Then what is due soonest; what was answered is no duty any more."""
    complain(server, TODAY + timedelta(days=9))
    complain(server, TODAY - timedelta(days=1))
    complain(server, TODAY - timedelta(days=2), state="answered")
    review = HardshipReview("N", "C-1", "H", "", server.clock.now(), TODAY + timedelta(days=3))
    with writing(server.engine) as conn:
        open_review(conn, review)
    assert kinds(server) == [
        (DutyKind.COMPLAINT, True),
        (DutyKind.HARDSHIP_ANSWER, False),
        (DutyKind.COMPLAINT, False),
    ]


def test_a_duty_of_today_is_not_overdue(server: ServerContext) -> None:
    """The whole of its day is left for it."""
    complain(server, TODAY)
    assert kinds(server) == [(DutyKind.COMPLAINT, False)]


def test_only_what_is_near_is_listed_when_asked(server: ServerContext) -> None:
    """The limit counts from today; what is overdue is always near."""
    complain(server, TODAY + timedelta(days=9))
    complain(server, TODAY - timedelta(days=9))
    assert kinds(server, due_within=8) == [(DutyKind.COMPLAINT, True)]
    assert len(kinds(server, due_within=9)) == 2


def test_another_branch_sees_nothing_of_it(server: ServerContext) -> None:
    """Each branch answers for its own."""
    complain(server, TODAY)
    assert kinds(server, branch="SZ-FUTIAN") == []


def test_holds_and_moratoria_that_end_are_told(server: ServerContext) -> None:
    """A hold without an end is none of these."""
    now = server.clock.now()
    with writing(server.engine) as conn:
        add_hold(conn, "C-1", Hold("H-1", HoldKind.OFFICE, now, "", now + timedelta(days=5)))
        add_hold(conn, "C-1", Hold("H-2", HoldKind.DISPUTE, now))
    start_moratorium(server, "C-1", MoratoriumKind.BREATHING_SPACE, TODAY, reason="notice", by="Li")
    assert kinds(server) == [(DutyKind.HOLD_ENDS, False), (DutyKind.MORATORIUM_ENDS, False)]


def test_a_promise_is_due_until_money_comes(server: ServerContext) -> None:
    """It is followed up from the day after; a payment since the visit ends it."""
    visit(server, "V-1")
    promised(server, "V-1", TODAY + timedelta(days=3))
    assert kinds(server) == [(DutyKind.PROMISE, False)]
    with writing(server.engine) as conn:
        case = load_bank_parts(conn, ["C-1"])["C-1"]
        paid = (Payment("P-1", TODAY, Money(100_00)),)
        save_bank_parts(conn, [dataclasses.replace(case, payments=paid)], server.clock.now())
    assert kinds(server) == []


def test_a_later_visit_is_the_follow_up_of_a_promise(
    server: ServerContext, clock: FixedClock
) -> None:
    """Only the last visit's word counts."""
    visit(server, "V-1")
    promised(server, "V-1", TODAY + timedelta(days=3))
    clock.go_on(days=5)
    assert kinds(server) == [(DutyKind.PROMISE, True)]
    visit(server, "V-2")
    assert kinds(server) == []


def test_officers_who_should_be_out_are_overdue(server: ServerContext, clock: FixedClock) -> None:
    """To the minute, and no more once they are out."""
    visit(server, "V-1", ends_in_min=40)
    assert kinds(server) == [(DutyKind.CHECK_OUT, False)]
    clock.go_on(minutes=41)
    assert kinds(server) == [(DutyKind.CHECK_OUT, True)]
    promised(server, "V-1", TODAY + timedelta(days=3))
    assert kinds(server) == [(DutyKind.PROMISE, False)]


@pytest.mark.parametrize(
    ("language", "told"), [("en", "answer to a complaint"), ("zh-CN", "答复投诉")]
)
def test_the_list_speaks_both_languages(
    server: ServerContext, capsys: Captured, language: str, told: str
) -> None:
    """The table on stdout, the count beside it."""
    complain(server, date(2020, 1, 1))
    assert call(server.config.home, "duties", language=language) == 0
    assert told in capsys.readouterr().out
