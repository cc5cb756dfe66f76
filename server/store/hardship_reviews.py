"""Keeps what the hardship team owes each disclosure, and what it answered."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.hardship_decision import HardshipDecision, HardshipReview, ReviewState
from server.store.conduct_tables import hardship_reviews

_REVIEWS = select(hardship_reviews).order_by(
    hardship_reviews.c.due, hardship_reviews.c.disclosure_id
)


def open_review(conn: Connection, review: HardshipReview) -> bool:
    """Note that an answer is owed; False, with nothing changed, where the id or the hold has one."""
    known = conn.execute(
        select(hardship_reviews.c.disclosure_id).where(
            or_(
                hardship_reviews.c.disclosure_id == review.disclosure_id,
                hardship_reviews.c.hold_id == review.hold_id,
            )
        )
    ).first()
    if known is not None:
        return False
    conn.execute(
        insert(hardship_reviews).values(
            disclosure_id=review.disclosure_id,
            case_id=review.case_id,
            hold_id=review.hold_id,
            officer_id=review.officer_id,
            opened_at=review.opened_at,
            due=review.due,
            state=ReviewState.OPEN.value,
        )
    )
    return True


def find_reviews(
    conn: Connection,
    *,
    states: Sequence[ReviewState] = (),
    due_by: date | None = None,
    case_id: str | None = None,
) -> list[HardshipReview]:
    """Reviews by due date: in some states, due by a day, of a case; all where nothing is said."""
    query = _REVIEWS
    if states:
        query = query.where(hardship_reviews.c.state.in_([state.value for state in states]))
    if due_by is not None:
        query = query.where(hardship_reviews.c.due <= due_by)
    if case_id is not None:
        query = query.where(hardship_reviews.c.case_id == case_id)
    return [_review(row) for row in conn.execute(query)]


def reviews_named(conn: Connection, name: str) -> list[HardshipReview]:
    """The review of this id or the end of one, of this case, or of the record that brought it."""
    columns = hardship_reviews.c
    query = _REVIEWS.where(
        or_(
            columns.disclosure_id.endswith(name, autoescape=True),
            columns.case_id == name,
            columns.hold_id == name,
        )
    )
    return [_review(row) for row in conn.execute(query)]


def save_decision(
    conn: Connection, decision: HardshipDecision, *, due: date, at: datetime, by: str
) -> None:
    """The team has answered; `due` is when it looks again."""
    conn.execute(
        update(hardship_reviews)
        .where(hardship_reviews.c.disclosure_id == decision.disclosure_id)
        .values(
            state=ReviewState.DECIDED.value,
            decision=to_json(decision),
            decided_at=at,
            decided_by=by,
            due=due,
        )
    )


def close_reviews(conn: Connection, hold_id: str) -> None:
    """The hold is lifted: nothing is owed any more."""
    conn.execute(
        update(hardship_reviews)
        .where(hardship_reviews.c.hold_id == hold_id)
        .values(state=ReviewState.CLOSED.value)
    )


def _review(row: Row[tuple[object, ...]]) -> HardshipReview:
    return HardshipReview(
        disclosure_id=row.disclosure_id,
        case_id=row.case_id,
        hold_id=row.hold_id,
        officer_id=row.officer_id,
        opened_at=row.opened_at,
        due=row.due,
        state=ReviewState(row.state),
        decision=None if row.decision is None else from_json(row.decision, HardshipDecision),
        decided_by=row.decided_by,
    )
