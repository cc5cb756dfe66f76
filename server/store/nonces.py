"""Remembers the nonces of verified requests for as long as a replay could still look fresh."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from server.store.tables import nonces

# Twice the skew limit on either side of the server's clock, and some room.
_KEPT = timedelta(minutes=15)


def use_nonce(conn: Connection, key_id: str, nonce: str, at: datetime) -> bool:
    """Use it up; False where it was used before."""
    conn.execute(delete(nonces).where(nonces.c.seen_at < at - _KEPT))
    try:
        with conn.begin_nested():
            conn.execute(insert(nonces).values(key_id=key_id, nonce=nonce, seen_at=at))
    except IntegrityError:
        return False
    return True
