"""Reads the store's own settings: the epoch of its feed."""

from sqlalchemy import Connection, select

from server.store.tables import meta

_EPOCH = select(meta.c.value).where(meta.c.name == "epoch")


def epoch_of(conn: Connection) -> str:
    """The life of this store that cursors belong to; a restored store gets a new one."""
    return str(conn.execute(_EPOCH).scalar_one())
