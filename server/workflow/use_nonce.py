"""Uses up the nonce of a verified request, so that the same request never counts twice."""

from datetime import datetime

from sqlalchemy import Connection

from fieldsync.adapters.request_signatures import Signed
from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.store.nonces import use_nonce


def use_once(conn: Connection, signed: Signed, now: datetime) -> None:
    """In the caller's write transaction; UnauthorisedError 401.3 for a request that came before."""
    if not use_nonce(conn, signed.key_id, signed.nonce, now):
        raise UnauthorisedError(
            "401.3",
            words("This very request came before."),
            words("Sync again; each request is signed anew."),
        )
