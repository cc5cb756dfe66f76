"""Finds a notice by its id, or by the end of it as a letter shows it."""

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.words import words
from server.store.notices import StoredNotice, notices_named

_LEAST = 4


def notice_named(conn: Connection, named: str) -> StoredNotice:
    """The notice; NotFoundError 404.87 where there is none, ConflictError 409.80 where several end so."""
    found = notices_named(conn, named.strip().lower()) if len(named.strip()) >= _LEAST else []
    if not found:
        raise NotFoundError(
            "404.87",
            words("There is no notice {notice}.", notice=named),
            words("`fieldsync-server notices list` shows them."),
        )
    if len(found) > 1:
        raise ConflictError(
            "409.80",
            words("{count} notices end in {notice}.", count=len(found), notice=named),
            words("Give more of its number."),
        )
    return found[0]
