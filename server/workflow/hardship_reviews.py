"""The hardship team's queue: what is owed, what was told in the clear, and which review a name means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from fieldsync.domain.codec import from_json
from fieldsync.domain.disclosure import Disclosure
from fieldsync.domain.hardship_decision import HardshipReview, ReviewState
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.store.cases import load_bank_parts
from server.store.engine import reading
from server.store.hardship_reviews import find_reviews, reviews_named
from server.store.pairs import officer_names
from server.store.tables import disclosures


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review with the people behind it; `disclosure` holds nothing private in the clear.

    It is None where its record was not accepted yet, or where another thing brought the review.
    """

    review: HardshipReview
    disclosure: Disclosure | None
    borrower: str
    officer: str
    is_overdue: bool


def list_reviews(
    ctx: ServerContext, *, everything: bool = False, due_by: date | None = None
) -> list[ReviewView]:
    """Reviews that wait for an answer, or all; by due date, so that what is overdue comes first."""
    states = () if everything else (ReviewState.OPEN,)
    with reading(ctx.engine) as conn:
        found = find_reviews(conn, states=states, due_by=due_by)
        return _views(conn, found, ctx.clock.now().date())


def view_review(ctx: ServerContext, name: str) -> ReviewView:
    """One review; errors as in `review_named`."""
    with reading(ctx.engine) as conn:
        (view,) = _views(conn, [review_named(conn, name)], ctx.clock.now().date())
    return view


def review_named(conn: Connection, name: str) -> HardshipReview:
    """The review of this id, the end of one, or of this case.

    NotFoundError 404.80 where there is none; ConflictError 409.82 where several are meant, none or
    more of them still waiting for an answer.
    """
    found = reviews_named(conn, name)
    if not found:
        raise NotFoundError(
            "404.80",
            words("There is no hardship review {name}.", name=name),
            words("`fieldsync-server hardship list --all` lists them."),
        )
    waiting = [review for review in found if review.state is ReviewState.OPEN]
    chosen = waiting if len(found) > 1 and len(waiting) == 1 else found
    if len(chosen) > 1:
        raise ConflictError(
            "409.82",
            words("{count} hardship reviews are meant by {name}.", count=len(chosen), name=name),
            words("Name one by its id: {ids}.", ids=", ".join(r.disclosure_id for r in chosen)),
        )
    return chosen[0]


def disclosure_of(conn: Connection, disclosure_id: str) -> Disclosure | None:
    """What is kept of a disclosure; None where its record was not accepted."""
    body = conn.execute(
        select(disclosures.c.body).where(disclosures.c.disclosure_id == disclosure_id)
    ).scalar()
    return None if body is None else from_json(body, Disclosure)


def _views(conn: Connection, found: Sequence[HardshipReview], today: date) -> list[ReviewView]:
    cases = load_bank_parts(conn, sorted({review.case_id for review in found}))
    officers = officer_names(conn)
    return [
        ReviewView(
            review=review,
            disclosure=disclosure_of(conn, review.disclosure_id),
            borrower=cases[review.case_id].borrower.name,
            officer=officers.get(review.officer_id, review.officer_id),
            is_overdue=review.state is not ReviewState.CLOSED and review.due < today,
        )
        for review in found
    ]
