"""What is decided on the office's pages: by one person, by two, at one's own branch and no other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, FieldsyncError, NotFoundError, UnauthorisedError
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.security.permissions import Grant, Role
from server.store.approvals import ApprovalKind, ApprovalState, load_approval
from server.store.cases import load_case
from server.store.devices import load_device
from server.store.engine import reading, writing
from server.store.tables import audit
from server.workflow.break_glass import break_glass, check_glass
from server.workflow.four_eyes import ask, grant, refuse, waiting_approvals
from server.workflow.manage_accounts import change_roles
from server.workflow.office_sessions import signed_in
from server.workflow.office_work import decide_record, record_named, waiting_records
from server.workflow.review_operations import get_operation
from tests.fakes import FixedClock
from tests.server.conftest import DeviceMaker, Recorder
from tests.server.field_device import FieldDevice
from tests.server.office_browser import person, signed_in_as

HERE, ELSEWHERE = "SZ-NANSHAN", "SZ-FUTIAN"
REVIEWER, MANAGER = Grant(Role.REVIEWER, HERE), Grant(Role.BRANCH_MANAGER, HERE)
STRANGER = Grant(Role.BRANCH_MANAGER, ELSEWHERE)
COMPLIANCE = Grant(Role.COMPLIANCE)
SCRIPT = '<script>alert("李")</script>'


def _holds(ctx: ServerContext) -> int:
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return len(case.holds)


def _state(ctx: ServerContext, approval_id: str) -> ApprovalState:
    with reading(ctx.engine) as conn:
        found = load_approval(conn, approval_id)
    assert found is not None
    return found.state


def test_a_record_is_decided_on_its_page(staffed: ServerContext, recorded: Recorder) -> None:
    """The reviewer of the branch reads why it waits, refuses with a reason, and the record says who did."""
    operation = recorded()
    browser = signed_in_as(staffed, "ana", REVIEWER)
    assert "李梅" in browser.get("/office/records").get_data(as_text=True)
    path = f"/office/records/{operation.op_id}"
    browser.get(path)
    assert browser.post(path, {"answer": "refuse", "reason": " "}).status_code == 422
    form = {"answer": "refuse", "reason": "the sums differ"}
    assert browser.post(path, form).status_code == 303
    stored = get_operation(staffed, operation.op_id)
    assert stored.outcome.kind is OutcomeKind.REJECTED
    assert stored.decided_by == "Ana (ana)"


def test_idor_another_branchs_record_is_not_there(
    staffed: ServerContext, recorded: Recorder
) -> None:
    """Who knows the id of another branch's record reads and decides nothing: it sounds like no record."""
    operation = recorded()
    browser = signed_in_as(staffed, "cy", STRANGER)
    assert "李梅" not in browser.get("/office/records").get_data(as_text=True)
    path = f"/office/records/{operation.op_id}"
    foreign, unknown = browser.get(path), browser.get("/office/records/no-such-record")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    browser.get("/office/")
    for answer in ("accept", "refuse", "ask"):
        assert browser.post(path, {"answer": answer, "reason": "mine now"}).status_code == 404
    assert get_operation(staffed, operation.op_id).is_open


def test_idor_another_branchs_holds_devices_and_requests_are_not_there(
    staffed: ServerContext, held: str, enrolled: DeviceMaker, ana: Officer
) -> None:
    """By their ids, read off somewhere: 404 like ids of nothing, and nothing is changed."""
    device = enrolled(ana, "ana")
    asked = ask(staffed, person(staffed, "reviewer", REVIEWER), ApprovalKind.LIFT, held, "well")
    browser = signed_in_as(staffed, "cy", STRANGER)
    for path in (
        f"/office/holds/{held}",
        f"/office/devices/{device.device_id}",
        f"/office/approvals/{asked}",
    ):
        browser.get("/office/")
        form = {"reason": "mine now", "answer": "grant"}
        assert browser.post(path, form).status_code == 404
    assert _state(staffed, asked) is ApprovalState.ASKED
    assert _holds(staffed) == 1


@pytest.mark.parametrize(
    ("role", "status"), [(COMPLIANCE, 403), (Grant(Role.AUDITOR), 403), (STRANGER, 404)]
)
def test_who_may_only_look_decides_nothing(
    staffed: ServerContext, recorded: Recorder, role: Grant, status: int
) -> None:
    """Compliance and auditor see the record and not its buttons; a form of their own is refused."""
    operation = recorded()
    browser = signed_in_as(staffed, "wu", role)
    path = f"/office/records/{operation.op_id}"
    if status == 403:
        assert 'value="accept"' not in browser.get(path).get_data(as_text=True)
        browser.get("/office/")
    assert browser.post(path, {"answer": "accept", "reason": "why not"}).status_code == status
    assert get_operation(staffed, operation.op_id).is_open


def test_xss_a_script_in_a_name_is_shown_as_text(
    staffed: ServerContext, recorded: Recorder
) -> None:
    """A case book may hold anything; on every page it is letters."""
    operation = recorded(borrower=SCRIPT)
    browser = signed_in_as(staffed, "ana", REVIEWER)
    for path in ("/office/records", f"/office/records/{operation.op_id}"):
        text = browser.get(path).get_data(as_text=True)
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


def test_xss_a_script_in_a_reason_is_shown_as_text(staffed: ServerContext, held: str) -> None:
    """What one person types, another one reads."""
    ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, SCRIPT)
    text = signed_in_as(staffed, "ben", MANAGER).get("/office/").get_data(as_text=True)
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("said", ["' OR 1=1 --", '"; DROP TABLE accounts; --', "%", "C-1' UNION"])
def test_sql_injection_is_a_value_like_any_other(
    staffed: ServerContext, held: str, said: str
) -> None:
    """In a name, a password, an id, a branch and a reason; nothing is found and nothing is lost."""
    browser = signed_in_as(staffed, "ana", MANAGER)
    assert browser.get(f"/office/records/{said}").status_code == 404
    browser.get("/office/glass")
    form = {"branch": said, "reason": said * 5}
    assert browser.post("/office/glass", form).status_code == 422
    browser.get("/office/")
    assert browser.post(f"/office/holds/{said}", {"reason": said}).status_code == 404
    stranger = signed_in_as(staffed, "ben", MANAGER)
    stranger.client.delete_cookie("office_session")
    stranger.get("/office/sign-in")
    form = {"login": said, "password": said, "code": said}
    assert stranger.post("/office/sign-in", form).status_code == 403
    asked = ask(staffed, person(staffed, "wu", REVIEWER), ApprovalKind.LIFT, held, said)
    assert waiting_approvals(staffed, person(staffed, "li", MANAGER))[0].approval.reason == said
    assert _state(staffed, asked) is ApprovalState.ASKED


def test_four_eyes_lift_a_hold(staffed: ServerContext, held: str) -> None:
    """Asked on one page, granted on another's: the hold ends, and both names stand with it."""
    ana, ben = signed_in_as(staffed, "ana", REVIEWER), signed_in_as(staffed, "ben", MANAGER)
    ana.get("/office/holds")
    assert ana.post(f"/office/holds/{held}", {"reason": "well again"}).status_code == 303
    assert _holds(staffed) == 1
    assert "well again" in ben.get("/office/").get_data(as_text=True)
    path = ben.page.partition('action="/office/approvals/')[2].partition('"')[0]
    assert ben.post(f"/office/approvals/{path}", {"answer": "grant"}).status_code == 303
    assert _holds(staffed) == 0
    with reading(staffed.engine) as conn:
        by = conn.execute(select(audit.c.actor).where(audit.c.action == "hold.lifted")).scalar()
    assert by == "Ana (ana), Ben (ben)"
    assert "granted and carried out" in ben.get("/office/past").get_data(as_text=True)


def test_four_eyes_are_two_peoples(staffed: ServerContext, held: str) -> None:
    """Nobody grants what they asked themselves, whatever their roles."""
    ben = person(staffed, "ben", MANAGER, COMPLIANCE)
    asked = ask(staffed, ben, ApprovalKind.LIFT, held, "well again")
    with pytest.raises(UnauthorisedError) as refused:
        grant(staffed, ben, asked)
    assert refused.value.code == "403.911"
    assert _holds(staffed) == 1
    refuse(staffed, ben, asked)
    assert _state(staffed, asked) is ApprovalState.WITHDRAWN


def test_a_grant_is_used_exactly_once(staffed: ServerContext, held: str) -> None:
    """Of many who grant at the same moment, one carries it out."""
    asked = ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, "well again")
    people = [person(staffed, f"wu{n}", COMPLIANCE) for n in range(6)]

    def try_it(n: int) -> str:
        try:
            grant(staffed, people[n], asked)
        except FieldsyncError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(6) as pool:
        said = sorted(pool.map(try_it, range(6)))
    assert said == ["409.94"] * 5 + ["done"]
    with reading(staffed.engine) as conn:
        lifted = select(func.count()).where(audit.c.action == "hold.lifted")
        assert conn.execute(lifted).scalar() == 1


def test_a_request_ends_after_three_days(
    staffed: ServerContext, held: str, clock: FixedClock
) -> None:
    """Nobody grants what was true last week."""
    asked = ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, "well again")
    clock.go_on(days=3, seconds=1)
    ben = person(staffed, "ben", MANAGER)
    assert waiting_approvals(staffed, ben) == []
    with pytest.raises(ConflictError) as refused:
        grant(staffed, ben, asked)
    assert refused.value.code == "409.94"
    assert ask(staffed, ben, ApprovalKind.LIFT, held, "still well")


def test_a_request_is_asked_once(staffed: ServerContext, held: str) -> None:
    """A second one waits behind the first."""
    ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, "well again")
    with pytest.raises(ConflictError) as refused:
        ask(staffed, person(staffed, "ben", MANAGER), ApprovalKind.LIFT, held, "so I heard")
    assert refused.value.code == "409.93"


def test_who_lost_the_role_asks_for_nothing_any_more(staffed: ServerContext, held: str) -> None:
    """The request of somebody who may not ask by now is not granted."""
    asked = ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, "well again")
    change_roles(staffed, "ana", [Grant(Role.AUDITOR)], by="test")
    with pytest.raises(UnauthorisedError) as refused:
        grant(staffed, person(staffed, "ben", MANAGER), asked)
    assert refused.value.code == "403.912"


def test_what_cannot_be_carried_out_is_not_done(staffed: ServerContext, held: str) -> None:
    """The hold was lifted meanwhile: the grant fails, says why, and is not tried again."""
    from server.workflow.lift_hold import lift

    asked = ask(staffed, person(staffed, "ana", REVIEWER), ApprovalKind.LIFT, held, "well again")
    lift(staffed, "C-1", reason="by the shell", by="operator")
    with pytest.raises(NotFoundError):
        grant(staffed, person(staffed, "ben", MANAGER), asked)
    assert _state(staffed, asked) is ApprovalState.FAILED


def test_a_waiver_takes_two(staffed: ServerContext, recorded: Recorder) -> None:
    """A manager cannot accept it alone; asked by one and granted by another it takes effect.

    Its document is no PDF, as a person saw: nothing is sealed, and nothing falls over that.
    """
    operation = recorded(waived=True)
    ana, ben = person(staffed, "ana", MANAGER), person(staffed, "ben", MANAGER)
    assert record_named(staffed, ana, operation.op_id).waives
    with pytest.raises(ConflictError) as refused:
        decide_record(staffed, ana, operation.op_id, accept=True, reason="fair")
    assert refused.value.code == "409.92"
    browser = signed_in_as(staffed, "wu", REVIEWER)
    path = f"/office/records/{operation.op_id}"
    assert "fees: " in browser.get(path).get_data(as_text=True)
    assert browser.post(path, {"answer": "ask", "reason": "fair"}).status_code == 303
    (waiting,) = waiting_approvals(staffed, ben)
    grant(staffed, ben, waiting.approval.approval_id)
    stored = get_operation(staffed, operation.op_id)
    assert stored.outcome.kind is OutcomeKind.ACCEPTED
    assert stored.decided_by == "Wu (wu), Ben (ben)"


def test_a_waiver_is_refused_by_one(staffed: ServerContext, recorded: Recorder) -> None:
    """Saying no gives nothing up."""
    operation = recorded(waived=True)
    ana = person(staffed, "ana", REVIEWER)
    decide_record(staffed, ana, operation.op_id, accept=False, reason="too much")
    assert not get_operation(staffed, operation.op_id).is_open


def test_two_people_shut_a_device_out(staffed: ServerContext, device: FieldDevice) -> None:
    """A lost tablet: the reviewer asks, the operator grants, and nothing it signs counts any more."""
    browser = signed_in_as(staffed, "ana", REVIEWER)
    browser.get("/office/devices")
    path = f"/office/devices/{device.device_id}"
    assert browser.post(path, {"reason": "tablet lost"}).status_code == 303
    operator = person(staffed, "op", Grant(Role.OPERATOR))
    (waiting,) = waiting_approvals(staffed, operator)
    grant(staffed, operator, waiting.approval.approval_id)
    with reading(staffed.engine) as conn:
        found = load_device(conn, device.device_id)
    assert found is not None
    assert found.revoked_from_seq == 1


def test_broken_glass_reaches_one_branch_for_an_hour_in_sight_of_everybody(
    staffed: ServerContext, recorded: Recorder, clock: FixedClock
) -> None:
    """Cy of another branch sees the record, everybody sees that he does, doctor too; then it is over."""
    operation = recorded()
    browser = signed_in_as(staffed, "cy", STRANGER)
    path = f"/office/records/{operation.op_id}"
    assert browser.get(path).status_code == 404
    browser.get("/office/glass")
    form = {"branch": HERE, "reason": "soon"}
    assert browser.post("/office/glass", form).status_code == 422
    form["reason"] = "Borrower in hospital and nobody there answers"
    assert browser.post("/office/glass", form).status_code == 303
    assert browser.get(path).status_code == 200
    seen = signed_in_as(staffed, "op", Grant(Role.OPERATOR)).page
    assert "The glass is broken" in seen
    assert "in hospital" not in seen
    assert check_glass(staffed).level.value == "warn"
    assert "in hospital" in signed_in_as(staffed, "wu", COMPLIANCE).get("/office/past").get_data(
        as_text=True
    )
    for _ in range(6):
        clock.go_on(minutes=10)
        browser.get("/office/")
    assert browser.get(path).status_code == 404
    assert "The glass was broken" in browser.get("/office/").get_data(as_text=True)
    clock.go_on(days=1, hours=1)
    assert check_glass(staffed).level.value == "ok"


def test_broken_glass_is_given_back_by_its_owner_alone(staffed: ServerContext) -> None:
    """Early, on their own page."""
    browser = signed_in_as(staffed, "cy", STRANGER)
    with writing(staffed.engine) as conn:
        conn.execute(select(1))
    who = signed_in(staffed, browser.cookie("office_session"))
    assert who is not None
    token = break_glass(staffed, who, HERE, "Borrower in hospital, nobody there answers")
    browser.client.set_cookie("office_session", token)
    browser.get("/office/glass")
    path = browser.page.partition('action="/office/glass/')[2].partition('"')[0]
    other = signed_in_as(staffed, "ben", MANAGER)
    assert other.post(f"/office/glass/{path}").status_code == 404
    assert browser.post(f"/office/glass/{path}").status_code == 303
    assert waiting_records(staffed, who) == []


def test_who_may_not_break_the_glass_does_not(staffed: ServerContext) -> None:
    """Nobody gets more by it than their own role elsewhere; the auditor reaches everywhere already."""
    browser = signed_in_as(staffed, "wu", Grant(Role.AUDITOR))
    form = {"branch": HERE, "reason": "Borrower in hospital, nobody there answers"}
    assert browser.post("/office/glass", form).status_code == 403


def test_every_page_of_the_office_speaks_chinese(
    staffed: ServerContext, recorded: Recorder
) -> None:
    """Chosen by a link, kept for the next page."""
    recorded()
    browser = signed_in_as(staffed, "ana", MANAGER)
    assert browser.get("/office/?lang=zh-CN").status_code == 200
    for path in ("", "records", "holds", "devices", "glass", "past", "account"):
        text = browser.get(f"/office/{path}").get_data(as_text=True)
        assert 'lang="zh-CN"' in text
        assert "待我处理" in text
