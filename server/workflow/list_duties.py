"""Lists what is owed and by when, overdue first: complaints, hardship, holds, promises, check-outs."""

from datetime import timedelta

from fieldsync.domain.duty import Duty
from server.context import ServerContext
from server.store.duties import duties_owed
from server.store.engine import reading


def list_duties(
    ctx: ServerContext, *, branch: str | None = None, due_within: int | None = None
) -> list[tuple[Duty, bool]]:
    """Each duty and whether it is overdue, the earliest first; `due_within` so many days from today."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        found = duties_owed(conn, now, branch)
    last = None if due_within is None else now.date() + timedelta(days=due_within)
    wanted = [duty for duty in found if last is None or duty.due <= last]
    wanted.sort(key=lambda d: (not d.is_overdue(now), d.due, d.kind, d.case_id, d.subject))
    return [(duty, duty.is_overdue(now)) for duty in wanted]
