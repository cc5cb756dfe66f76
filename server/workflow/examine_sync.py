"""What `doctor` says of the exchange with devices: which life the store is in, and what came too early."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from fieldsync.domain.check import Check, Level
from fieldsync.domain.ids import unix_ms_of
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.epochs import past_epochs
from server.store.meta import epoch_of
from server.store.tables import early_operations

_RESTORED_LATELY = timedelta(days=14)
_EARLY_LIMIT = timedelta(days=2)
_SHOWN = "%Y-%m-%d %H:%M UTC"


def check_epoch(ctx: ServerContext) -> Check:
    """The epoch and when it began; after a restore, what devices cannot give back."""
    with reading(ctx.engine) as conn:
        epoch, ended = epoch_of(conn), past_epochs(conn)
    began = datetime.fromtimestamp(unix_ms_of(epoch) / 1000, UTC)
    if not ended:
        told = words("Epoch {epoch} began on {day}.", epoch=epoch, day=f"{began:{_SHOWN}}")
        return Check("epoch", Level.OK, told)
    told = words(
        "A backup was put back; epoch {epoch} began on {day}.", epoch=epoch, day=f"{began:{_SHOWN}}"
    )
    if ctx.clock.now() - max(ended.values()) > _RESTORED_LATELY:
        return Check("epoch", Level.OK, told)
    return Check(
        "epoch",
        Level.WARN,
        told,
        words(
            "Devices send their records again by themselves. What the office did after the backup is"
            " lost: import, publish, enrol, revoke and decide again."
        ),
    )


def check_early(ctx: ServerContext) -> Check:
    """Records that stopped collection ahead of their place and whose log has not followed."""
    before = ctx.clock.now() - _EARLY_LIMIT
    query = select(func.count()).select_from(early_operations)
    with reading(ctx.engine) as conn:
        late = conn.execute(query.where(early_operations.c.received_at < before)).scalar() or 0
        count = conn.execute(query).scalar() or 0
    if late:
        return Check(
            "early",
            Level.WARN,
            words(
                "{count} records stopped collection more than two days ago, and their devices have not"
                " sent the rest.",
                count=late,
            ),
            words("Ask the officers to sync; the holds stand until a person lifts them."),
        )
    return Check(
        "early", Level.OK, words("{count} records came ahead of their place.", count=count)
    )
