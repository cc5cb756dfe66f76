"""An exchange as every command makes it: one at a time on a device, and why it failed is remembered."""

from collections.abc import Callable
from contextlib import suppress

from agent_cli.actions.exchange import Progress, exchange
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import exchange_notes
from agent_cli.store.exchange_notes import Failure
from agent_cli.store.locks import EXCHANGE_LOCK, holding
from fieldsync.errors import FieldsyncError, LocalCopyError
from fieldsync.locale import both
from fieldsync.words import words

# Another exchange's last page is worth waiting for; a day's upload on a bad line is not.
WAIT_S = 30.0


def attempt(
    ctx: DeviceContext,
    remote: Remote,
    report: Callable[[Progress], None],
    wait_s: float = WAIT_S,
) -> Progress:
    """Exchange once, after at most `wait_s` seconds for another exchange of this device.

    LocalCopyError 602.41 where the other one goes on for longer; the errors of `exchange` otherwise.
    """
    with holding(ctx.home / EXCHANGE_LOCK, wait_s) as ours:
        if not ours:
            raise LocalCopyError(
                "602.41",
                words("This device is exchanging with the server already."),
                words("Nothing needs to be done: `fieldsync status` shows how far it is."),
            )
        try:
            done = exchange(ctx, remote, report)
        except FieldsyncError as error:
            # What went wrong is told even where a full disk keeps it from being remembered.
            with suppress(FieldsyncError):
                exchange_notes.note_failure(ctx.conn, _failure(ctx, error))
            raise
        exchange_notes.forget_failure(ctx.conn)
        return done


def _failure(ctx: DeviceContext, error: FieldsyncError) -> Failure:
    return Failure(
        at=ctx.clock.now().isoformat(),
        code=error.code,
        message=both(error.message),
        hint=None if error.hint is None else both(error.hint),
    )
