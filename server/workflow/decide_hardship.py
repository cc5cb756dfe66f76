"""The hardship team answers a disclosure: relief, how long collection rests, and word to the officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from fieldsync.adapters.hardship_seal import seal_note
from fieldsync.conduct.hardship import review_day
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import ConsentWithdrawal
from fieldsync.domain.hardship_decision import (
    TELLING_SIGNPOSTS,
    HardshipDecision,
    HardshipReview,
    Relief,
    ReviewState,
    Signpost,
    TeamNote,
)
from fieldsync.errors import ConflictError, InputError
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import load_case, set_hold_until
from server.store.engine import writing
from server.store.feed import AgentChange, publish, versions_of
from server.store.hardship_reviews import save_decision
from server.store.meta import hardship_seal
from server.store.retrying import retried
from server.workflow.hardship_key import ensure_hardship_key
from server.workflow.hardship_reviews import disclosure_of, review_named
from server.workflow.keep_disclosure import forget_sealed
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed

_LAST_MOMENT = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the team says: at least one relief (perhaps none for now), help to be found elsewhere."""

    reliefs: Sequence[Relief]
    signposts: Sequence[Signpost] = ()
    hold_until: date | None = None


def decide(
    ctx: ServerContext, name: str, answer: Answer, *, reason: str, by: str
) -> HardshipDecision:
    """Answer a review, or answer it anew; the officer's device is told without anything private.

    The reason, and signposts that would tell what happened, are sealed to the team. Collection stays
    stopped until the end of `hold_until`, or until a person lifts the hold.

    Errors as in `review_named` and `signed`; InputError 422.527 without a relief, 422.528 for a day that
    is not ahead; ConflictError 409.83 where the hold is lifted already.
    """
    why, who = signed(reason, by)
    ensure_hardship_key(ctx)
    return _decide(ctx, name, answer, why, who)


@retried
def _decide(ctx: ServerContext, name: str, answer: Answer, why: str, who: str) -> HardshipDecision:
    now = ctx.clock.now()
    _check(answer, now.date())
    with writing(ctx.engine) as conn:
        review = review_named(conn, name)
        if review.state is ReviewState.CLOSED:
            raise _over(review)
        decision = _decision(conn, review, answer, why, now)
        save_decision(conn, decision, due=_next_look(conn, decision), at=now, by=who)
        until = _end_of(answer.hold_until, now)
        set_hold_until(conn, review.case_id, review.hold_id, until)
        detail = {
            "reliefs": [relief.value for relief in decision.reliefs],
            "hold_until": answer.hold_until.isoformat() if answer.hold_until else None,
        }
        action, subject = "hardship.decided", review.disclosure_id
        record(conn, at=now, actor=who, action=action, subject=subject, detail=detail)
        told = _told_to_officer(conn, review.officer_id, decision)
        publish(conn, [*share_cases(conn, [review.case_id]), *told], now)
    return decision


@retried
def withdraw(ctx: ServerContext, name: str, *, reason: str, by: str) -> HardshipReview:
    """The person told the office that the consent is taken back: what was sealed is deleted."""
    _why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        review = review_named(conn, name)
        forget_sealed(conn, ConsentWithdrawal(review.case_id, now, review.disclosure_id))
        action, subject = "hardship.consent_withdrawn", review.disclosure_id
        record(conn, at=now, actor=who, action=action, subject=subject)
    return review


def _check(answer: Answer, today: date) -> None:
    if not answer.reliefs:
        raise InputError(
            "422.527",
            words("What the bank does for the person is missing."),
            words("Add --relief, for example --relief pause, or --relief none."),
        )
    if answer.hold_until is not None and answer.hold_until <= today:
        raise InputError(
            "422.528",
            words("Collection cannot rest until {day}.", day=answer.hold_until.isoformat()),
            words("Name a day after today, or leave it out: then only a person lifts the hold."),
        )


def _decision(
    conn: Connection, review: HardshipReview, answer: Answer, why: str, now: datetime
) -> HardshipDecision:
    case = load_case(conn, review.case_id)
    if case is None or all(hold.hold_id != review.hold_id for hold in case.holds):
        raise _over(review)
    note = TeamNote(
        review.disclosure_id,
        why,
        tuple(post for post in answer.signposts if post in TELLING_SIGNPOSTS),
    )
    seal = hardship_seal(conn) or {}
    return HardshipDecision(
        disclosure_id=review.disclosure_id,
        case_id=review.case_id,
        decided_at=now,
        reliefs=tuple(dict.fromkeys(answer.reliefs)),
        signposts=tuple(post for post in answer.signposts if post not in TELLING_SIGNPOSTS),
        hold_until=answer.hold_until,
        sealed=seal_note(seal["key"], note),
    )


def _next_look(conn: Connection, decision: HardshipDecision) -> date:
    """When to look again: where the hold ends, else when the officer proposed, else in a month."""
    today = decision.decided_at.date()
    kept = disclosure_of(conn, decision.disclosure_id)
    proposed = kept.review_on if kept else None
    if decision.hold_until is not None:
        return decision.hold_until
    return proposed if proposed is not None and proposed > today else review_day(today, None)


def _told_to_officer(
    conn: Connection, officer_id: str, decision: HardshipDecision
) -> list[AgentChange]:
    """The row that tells the officer who brought it; a review without one is told to nobody."""
    if not officer_id:
        return []
    body = {name: value for name, value in to_builtins(decision).items() if name != "sealed"}
    key = feed_key(KeyKind.DECISION, decision.disclosure_id)
    version = versions_of(conn, officer_id, [key]).get(key, 0) + 1
    return [AgentChange(officer_id, FeedRow(key, FeedOp.PUT, version, body))]


def _end_of(day: date | None, now: datetime) -> datetime | None:
    return None if day is None else datetime.combine(day, _LAST_MOMENT, now.tzinfo)


def _over(review: HardshipReview) -> ConflictError:
    return ConflictError(
        "409.83",
        words("The hold on {case_id} is lifted already.", case_id=review.case_id),
        words("Nothing is owed here any more; a new disclosure opens a new review."),
    )
