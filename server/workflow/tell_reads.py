"""Tells the audit log who looked at which case file, before the file is shown."""

from collections.abc import Iterable

from server.context import ServerContext
from server.store.audit import record
from server.store.engine import writing
from server.store.retrying import retried

NOBODY = "office"


@retried
def note_read(
    ctx: ServerContext,
    action: str,
    case_ids: Iterable[str | None],
    *,
    by: str = "",
    subject: str = "",
) -> None:
    """One line, with the cases by their ids alone; nothing where no case is read.

    `subject` is what was looked at where it is more than a case file.
    """
    named = sorted({case_id for case_id in case_ids if case_id})
    if not named:
        return
    with writing(ctx.engine) as conn:
        record(
            conn,
            at=ctx.clock.now(),
            actor=by.strip() or NOBODY,
            action=action,
            subject=subject or named[0],
            detail={"cases": named},
        )
