"""Reads the store's own settings: the epoch of its feed, and the key that the hardship team reads with."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from fieldsync.domain.codec import from_json, to_json
from server.store.dialect import upsert
from server.store.tables import meta

_EPOCH = select(meta.c.value).where(meta.c.name == "epoch")
_HARDSHIP = "hardship_seal"
_HARDSHIP_SEAL = select(meta.c.value).where(meta.c.name == _HARDSHIP)


def epoch_of(conn: Connection) -> str:
    """The life of this store that cursors belong to; a restored store gets a new one."""
    return str(conn.execute(_EPOCH).scalar_one())


def hardship_seal(conn: Connection) -> Mapping[str, str] | None:
    """The team's public key and the receipt key's signature over it: {"key", "sig"}; None before."""
    text = conn.execute(_HARDSHIP_SEAL).scalar()
    return None if text is None else from_json(text, dict[str, str])


def set_hardship_seal(conn: Connection, seal: Mapping[str, str]) -> None:
    """From now on everything is sealed to this key."""
    upsert(conn, meta, [{"name": _HARDSHIP, "value": to_json(seal)}], keys=("name",))
