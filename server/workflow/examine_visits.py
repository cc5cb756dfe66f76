"""What `doctor`, `run` and `review list` say of people: pairs who should be out of a door by now."""

from fieldsync.domain.check import Check, Level
from fieldsync.words import Words, words
from server.context import ServerContext
from server.workflow.visits_under_way import visits_under_way


def overdue_visits(ctx: ServerContext) -> Words | None:
    """A sentence for whoever is at the office, or None where nobody is overdue."""
    count = len(visits_under_way(ctx, overdue_only=True))
    if not count:
        return None
    return words("{count} visits are overdue: run `fieldsync-server visits`.", count=count)


def check_visits(ctx: ServerContext) -> Check:
    """Whether every pair came out of its door in time."""
    told = overdue_visits(ctx)
    if told is None:
        return Check("visits", Level.OK, words("No officer is overdue."))
    return Check("visits", Level.WARN, told, words("Call the officers now."))
