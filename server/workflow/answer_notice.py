"""Takes down what a borrower answers to a notice, and does it: another time, help, or an objection."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Hold, HoldKind
from fieldsync.domain.hardship_decision import HardshipReview
from fieldsync.domain.notice import Answer, NoticeAnswer, NoticeState
from fieldsync.errors import ConflictError, InputError
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import add_hold, grow_version, load_bank_parts
from server.store.engine import writing
from server.store.feed import publish
from server.store.hardship_reviews import open_review
from server.store.notices import StoredNotice, notice_locked, save_notice
from server.store.retrying import retried
from server.workflow.find_notice import notice_named
from server.workflow.open_review import answer_by
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed
from server.workflow.strike_stops import strike_stops

_ANSWERABLE = frozenset({NoticeState.GIVEN, NoticeState.ANSWERED})
_HOLDS = {
    NoticeAnswer.IN_DIFFICULTY: HoldKind.HARDSHIP,
    NoticeAnswer.OBJECTS: HoldKind.DISPUTE,
}


@retried
def answer_notice(
    ctx: ServerContext,
    named: str,
    kind: NoticeAnswer,
    chosen: Window | None = None,
    *,
    reason: str,
    by: str,
) -> StoredNotice:
    """Record the answer; the visit leaves every day at once, and the next plan obeys.

    Another time becomes the appointment; difficulty opens a hold and a hardship review, an objection
    a hold for dispute. Errors as of `notice_named` and `signed`; ConflictError 409.85 for a notice that
    nobody was given, InputError 422.538 for a time that is past or missing.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    if kind is NoticeAnswer.ANOTHER_TIME and (chosen is None or chosen.start <= now):
        raise InputError(
            "422.538",
            words("The other time must be one to come."),
            words("Give it as --another-time 'YYYY-MM-DD HH:MM-HH:MM'."),
        )
    with writing(ctx.engine) as conn:
        stored = notice_locked(conn, notice_named(conn, named).notice.notice_id)
        _check_given(stored)
        notice = stored.notice
        answer = _answer(conn, stored, Answer(kind, now, who, why), chosen)
        answered = replace(
            stored, notice=replace(notice, answer=answer), state=NoticeState.ANSWERED
        )
        save_notice(conn, answered)
        grow_version(conn, notice.case_id)
        _stop(ctx, conn, answered, kind, now)
        detail = {"case": notice.case_id, "answer": kind.value}
        action, subject = "notice.answered", notice.notice_id
        record(conn, at=now, actor=who, action=action, subject=subject, detail=detail)
        struck = strike_stops(conn, [notice.case_id], now)
        publish(conn, [*struck, *share_cases(conn, [notice.case_id])], now)
    return answered


def _check_given(stored: StoredNotice) -> None:
    if stored.state not in _ANSWERABLE:
        raise ConflictError(
            "409.85",
            words("Notice {notice} was not given.", notice=stored.notice.notice_id),
            words("`fieldsync-server notices show` says how it stands."),
        )


def _answer(
    conn: Connection, stored: StoredNotice, answer: Answer, chosen: Window | None
) -> Answer:
    if chosen is None:
        return answer
    notice = stored.notice
    booked = load_bank_parts(conn, [notice.case_id])[notice.case_id].appointment
    return replace(answer, appointment=Appointment(notice.address_id, chosen), instead_of=booked)


def _stop(
    ctx: ServerContext, conn: Connection, stored: StoredNotice, kind: NoticeAnswer, now: datetime
) -> None:
    """Open the hold that the answer brings, and for difficulty the review that owes a reply."""
    if kind not in _HOLDS:
        return
    notice = stored.notice
    hold = Hold(ctx.new_id(), _HOLDS[kind], now, f"notice:{notice.notice_id}")
    add_hold(conn, notice.case_id, hold)
    if kind is NoticeAnswer.IN_DIFFICULTY:
        due = answer_by(now.date(), ctx.rulesets)
        open_review(conn, HardshipReview(hold.hold_id, notice.case_id, hold.hold_id, "", now, due))
