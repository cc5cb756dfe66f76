"""How exchanging goes, for `status`: background sync, last exchange, last failure and next try."""

from agent_cli.context import DeviceContext
from agent_cli.store import exchange_notes, journal, meta
from agent_cli.store.exchange_notes import Failure, Watching
from agent_cli.store.locks import EXCHANGE_LOCK, WATCH_LOCK, is_held
from agent_cli.store.states import JournalState
from fieldsync.locale import _, language
from fieldsync.terminal.output import note, pick

_TO_THE_MINUTE = 16
_TO_THE_SECOND = 19


def say_exchanges(ctx: DeviceContext) -> None:
    """A few lines under the records."""
    last = meta.read(ctx.conn, "last_exchange_at")
    note(_("Last exchange: {time}.", time=_shown(last, _TO_THE_MINUTE) if last else _("never")))
    failure = exchange_notes.last_failure(ctx.conn)
    is_watched = is_held(ctx.home / WATCH_LOCK)
    if failure is not None:
        # What to do by hand is not for somebody whose device does it by itself.
        _say_failure(failure, with_hint=not is_watched)
    watching = exchange_notes.last_watching(ctx.conn)
    if is_watched:
        note(_running(ctx, watching, failed=failure is not None))
        return
    if watching is not None:
        note(_("Background sync broke off; `fieldsync sync --background` starts it again."))
    else:
        note(_("Background sync is not running."))
    if journal.counts(ctx.conn)[JournalState.UNSENT]:
        note(_("Next: `fieldsync sync`."))


def exchange_facts(ctx: DeviceContext) -> dict[str, object]:
    """The same for JSON; `background` is None where no background sync runs."""
    failure = exchange_notes.last_failure(ctx.conn)
    watching = exchange_notes.last_watching(ctx.conn)
    return {
        "last_failure": None
        if failure is None
        else {"at": failure.at, "code": failure.code, "message": dict(failure.message)},
        "background": None
        if watching is None or not is_held(ctx.home / WATCH_LOCK)
        else {
            "pid": watching.pid,
            "every_s": watching.every_s,
            "since": watching.since,
            "next_try_at": watching.next_try_at,
        },
    }


def _say_failure(failure: Failure, *, with_hint: bool) -> None:
    note(
        _(
            "The try at {time} failed: {message} ({code})",
            time=_shown(failure.at, _TO_THE_SECOND),
            message=pick(failure.message, language()),
            code=failure.code,
        )
    )
    if failure.hint and with_hint:
        note(pick(failure.hint, language()))


def _running(ctx: DeviceContext, watching: Watching | None, *, failed: bool) -> str:
    is_busy = is_held(ctx.home / EXCHANGE_LOCK)
    if is_busy or watching is None or watching.next_try_at is None:
        return _("Background sync is running; it is exchanging now.")
    time = _shown(watching.next_try_at, _TO_THE_SECOND)
    if failed:
        return _("Background sync is running; it tries again at {time}.", time=time)
    return _(
        "Background sync is running; next exchange by {time}, a new record goes at once.", time=time
    )


def _shown(instant: str, length: int) -> str:
    return instant[:length].replace("T", " ")
