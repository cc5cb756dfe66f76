"""Keeps one answer to a notice inside a transaction: checked first, then with the hold and review it brings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fieldsync.conduct.chosen_time import in_usual_hours, refusals_of
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Hold, HoldKind
from fieldsync.domain.hardship_decision import HardshipReview
from fieldsync.domain.notice import Answer, NoticeAnswer, NoticeState
from fieldsync.errors import ConflictError, InputError
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import add_hold, grow_version, load_bank_parts, load_case
from server.store.hardship_reviews import open_review
from server.store.notices import StoredNotice, save_notice
from server.workflow.open_review import answer_by

_ANSWERABLE = frozenset({NoticeState.GIVEN, NoticeState.ANSWERED})
_HOLDS = {
    NoticeAnswer.IN_DIFFICULTY: HoldKind.HARDSHIP,
    NoticeAnswer.OBJECTS: HoldKind.DISPUTE,
}
# A time further ahead is a wrong year sooner than a wish, and would keep everybody away until then.
_FURTHEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody answered: `chosen` is the other time, `reason` what was said, `by` who took it down."""

    kind: NoticeAnswer
    chosen: Window | None
    reason: str
    by: str


def check_given(stored: StoredNotice) -> None:
    """ConflictError 409.85 for a notice that nobody was given."""
    if stored.state not in _ANSWERABLE:
        raise ConflictError(
            "409.85",
            words("Notice {notice} was not given.", notice=stored.notice.notice_id),
            words("`fieldsync-server notices show` says how it stands."),
        )


def check_chosen(chosen: Window | None, now: datetime) -> Window:
    """The other time; InputError 422.538 where it is missing or past, 422.556 where it is too far off."""
    if chosen is None or chosen.start <= now:
        raise InputError(
            "422.538",
            words("The other time must be one to come."),
            words("Give a later one, as 'YYYY-MM-DD HH:MM-HH:MM'."),
        )
    if chosen.start - now > _FURTHEST:
        raise InputError(
            "422.556",
            words("The other time is more than {days} days ahead.", days=_FURTHEST.days),
            words("Check the year and the month; agree on a day that is nearer."),
        )
    return chosen


def check_lawful(
    ctx: ServerContext,
    conn: Connection,
    stored: StoredNotice,
    chosen: Window,
    *,
    usual_hours: bool = False,
) -> None:
    """InputError 422.555 for a time at which no visit may begin; 422.557 outside the usual hours, if asked."""
    case = load_case(conn, stored.notice.case_id)
    if case is None:
        return  # Purged: there is nobody left to visit.
    agreed = Appointment(stored.notice.address_id, chosen)
    refusals = refusals_of(case, agreed, ctx.rulesets)
    if refusals is not None:
        raise InputError(
            "422.555",
            words(
                "The rules allow no visit at that time ({rules}).",
                rules=", ".join(finding.rule for finding in refusals) or "-",
            ),
            words("Agree on another time; `fieldsync-server rules check` says when one may be."),
        )
    if usual_hours and not in_usual_hours(case, agreed, ctx.rulesets):
        raise InputError(
            "422.557",
            words("That is outside the hours in which borrowers may be visited."),
            words(
                "Mend the time. Who truly asked for this hour is taken down one by one:"
                " `fieldsync-server notices answer`."
            ),
        )


def record_answer(
    ctx: ServerContext, conn: Connection, stored: StoredNotice, told: Told, now: datetime
) -> StoredNotice:
    """The notice with the answer, kept; the caller strikes the case off its days and publishes last."""
    answered = with_answer(conn, stored, told, now)
    case_id = stored.notice.case_id
    save_notice(conn, answered)
    grow_version(conn, case_id)
    _stop(ctx, conn, answered, told.kind, now)
    detail = {"case": case_id, "answer": told.kind.value}
    action, subject = "notice.answered", stored.notice.notice_id
    record(conn, at=now, actor=told.by, action=action, subject=subject, detail=detail)
    return answered


def with_answer(conn: Connection, stored: StoredNotice, told: Told, now: datetime) -> StoredNotice:
    """The notice as it reads with the answer; what was answered before stays beside it."""
    notice = stored.notice
    earlier = notice.earlier if notice.answer is None else (*notice.earlier, notice.answer)
    answered = replace(notice, answer=_answer(conn, stored, told, now), earlier=earlier)
    return replace(stored, notice=answered, state=NoticeState.ANSWERED)


def _answer(conn: Connection, stored: StoredNotice, told: Told, now: datetime) -> Answer:
    answer = Answer(told.kind, now, told.by, told.reason)
    if told.chosen is None:
        return answer
    notice = stored.notice
    booked = load_bank_parts(conn, [notice.case_id])[notice.case_id].appointment
    agreed = Appointment(notice.address_id, told.chosen)
    return replace(answer, appointment=agreed, instead_of=booked)


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
