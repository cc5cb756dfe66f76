"""The lives (epochs) of the store: the present one, and those that ended when a backup was put back."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from server.store.dialect import upsert
from server.store.meta import epoch_of
from server.store.tables import meta

_PAST = "past_epoch:"


def past_epochs(conn: Connection) -> dict[str, datetime]:
    """When each earlier life was ended, oldest first."""
    rows = conn.execute(select(meta).where(meta.c.name.startswith(_PAST)).order_by(meta.c.value))
    return {row.name.removeprefix(_PAST): datetime.fromisoformat(row.value) for row in rows}


def begin_epoch(conn: Connection, epoch: str, told: str, at: datetime) -> None:
    """Begin another life of the store; the present one ends, and so does the one that was `told` of.

    They differ where the store was put back to before the told one began.
    """
    ended = {epoch_of(conn), told}
    rows = [{"name": f"{_PAST}{one}", "value": at.astimezone(UTC).isoformat()} for one in ended]
    upsert(conn, meta, [*rows, {"name": "epoch", "value": epoch}], keys=("name",))
