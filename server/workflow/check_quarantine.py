"""Says for `doctor` whether records in quarantine wait for a person."""

from fieldsync.domain.check import Check, Level
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.quarantine import count_waiting


def check_quarantine(ctx: ServerContext) -> Check:
    """A warning as long as one waits."""
    with reading(ctx.engine) as conn:
        count = count_waiting(conn)
    told = words("{count} records are in quarantine.", count=count)
    if count:
        advice = words("Run `fieldsync-server review list --state quarantined`.")
        return Check("quarantine", Level.WARN, told, advice)
    return Check("quarantine", Level.OK, told)
