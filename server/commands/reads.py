"""Tells the audit log that a person at this machine reads case files, before they are shown."""

from server.commands.signed_by import signed_in
from server.context import ServerContext
from server.workflow.tell_reads import note_read


def looks_at(ctx: ServerContext, what: str, *case_ids: str | None) -> None:
    """Who is signed in reads these cases' `what`: a word for the log, as `case` or `review`."""
    note_read(ctx, f"{what}.shown", case_ids, by=signed_in())
