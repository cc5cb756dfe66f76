"""Remembers the nonces of verified requests for as long as a replay could still look fresh."""

import zlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from server.store.dialect import insert_into
from server.store.tables import nonces

# Twice the skew limit on either side of the server's clock, and some room.
_KEPT = timedelta(minutes=15)
_SWEEP_EVERY = 50


def use_nonce(conn: Connection, key_id: str, nonce: str, at: datetime) -> bool:
    """Use it up; False where it was used before."""
    row = {"key_id": key_id, "nonce": nonce, "seen_at": at}
    use = insert_into(conn, nonces).on_conflict_do_nothing().returning(nonces.c.nonce)
    if conn.execute(use, row).first() is None:
        return False
    # Now and then is often enough: what is left over only takes room.
    if zlib.crc32(nonce.encode()) % _SWEEP_EVERY == 0:
        sweep_nonces(conn, at)
    return True


def nonce_before(conn: Connection, key_id: str, count: int) -> datetime | None:
    """When the last but `count` of the nonces still remembered was used; None where there are fewer."""
    query = select(nonces.c.seen_at).where(nonces.c.key_id == key_id)
    newest = query.order_by(nonces.c.seen_at.desc()).limit(1).offset(count - 1)
    at: datetime | None = conn.execute(newest).scalar()
    return at


def sweep_nonces(conn: Connection, at: datetime) -> int:
    """Forget those that are too old to come again; how many went."""
    return conn.execute(delete(nonces).where(nonces.c.seen_at < at - _KEPT)).rowcount
