"""Takes down what a borrower answers to a notice, and does it: another time, help, or an objection."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.domain.calendar import Window
from fieldsync.domain.notice import NoticeAnswer
from server.context import ServerContext
from server.store.engine import writing
from server.store.feed import publish
from server.store.notices import StoredNotice, notice_locked
from server.store.retrying import retried
from server.workflow.find_notice import notice_named
from server.workflow.record_answer import (
    Told,
    check_chosen,
    check_given,
    check_lawful,
    record_answer,
)
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed
from server.workflow.strike_stops import strike_stops


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
    a hold for dispute. Errors as of `notice_named`, `signed` and those of `record_answer`'s checks.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    if kind is NoticeAnswer.ANOTHER_TIME:
        chosen = check_chosen(chosen, now)
    with writing(ctx.engine) as conn:
        stored = notice_locked(conn, notice_named(conn, named).notice.notice_id)
        check_given(stored)
        if chosen is not None:
            check_lawful(ctx, conn, stored, chosen)
        answered = record_answer(ctx, conn, stored, Told(kind, chosen, why, who), now)
        tell_devices(conn, [stored.notice.case_id], now)
    return answered


def tell_devices(conn: Connection, case_ids: Sequence[str], now: datetime) -> None:
    """Take the cases off every day that is out and share what changed; the last of the transaction."""
    struck = strike_stops(conn, case_ids, now)
    publish(conn, [*struck, *share_cases(conn, case_ids)], now)
