"""Background sync: exchanges now and again, sooner where something is unsent, until told to end."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from agent_cli.actions.attempt import attempt
from agent_cli.actions.exchange import Progress
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import exchange_notes
from agent_cli.store.exchange_notes import Watching
from agent_cli.store.locks import WATCH_LOCK, holding
from agent_cli.store.owed import has_unsent
from fieldsync.errors import ConflictError, FieldsyncError
from fieldsync.sync.rhythm import Rhythm, after_failure, after_success
from fieldsync.words import words

# How often a resting watch looks whether something was recorded meanwhile.
LOOK_S = 1.0
# `status` and `--background` ask for the lock for a moment only.
_LOCK_WAIT_S = 2.0
_DRAW_BYTES = 7


@dataclass(frozen=True, slots=True)
class Told:
    """One exchange of a watch: what it moved or why it failed, and the seconds until the next."""

    done: Progress | None
    error: FieldsyncError | None
    wait_s: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What a watch works with; `rest` waits that many seconds and says whether to end.

    `remote` opens the server anew for each exchange, so that a changed setting is followed.
    """

    remote: Callable[[], Remote]
    rest: Callable[[float], bool]
    tell: Callable[[Told], None]


@contextmanager
def alone(ctx: DeviceContext) -> Iterator[None]:
    """Nobody else watches this device while the block runs; ConflictError 602.42 where somebody does."""
    with holding(ctx.home / WATCH_LOCK, _LOCK_WAIT_S) as ours:
        if not ours:
            raise already_watched()
        yield


def watch(ctx: DeviceContext, every_s: int, parts: Watch) -> None:
    """Exchange until `rest` says to end; called `alone`.

    Whatever only a person can mend ends the watch as the error it is; errors of the line never do.
    """
    try:
        _go_on(ctx, Watching(os.getpid(), every_s, ctx.clock.now().isoformat()), parts)
    finally:
        # A full disk may be what ended it; that must be told, not this.
        with suppress(FieldsyncError):
            exchange_notes.note_watching(ctx.conn, None)


def already_watched() -> ConflictError:
    """The error where a second watch of one device would begin."""
    return ConflictError(
        "602.42",
        words("Background sync is running on this device already."),
        words("`fieldsync sync --stop` ends it; `fieldsync status` shows what it does."),
    )


def _go_on(ctx: DeviceContext, watching: Watching, parts: Watch) -> None:
    rhythm = Rhythm(watching.every_s)
    exchange_notes.note_watching(ctx.conn, watching)
    while True:
        rhythm = _once(ctx, rhythm, parts)
        next_try = ctx.clock.now() + timedelta(seconds=rhythm.wait_s)
        exchange_notes.note_watching(
            ctx.conn,
            Watching(watching.pid, watching.every_s, watching.since, next_try.isoformat()),
        )
        if _rested(ctx, rhythm, parts.rest):
            return


def _once(ctx: DeviceContext, rhythm: Rhythm, parts: Watch) -> Rhythm:
    """One exchange, told; the error itself where trying on would mend nothing."""
    try:
        done = attempt(ctx, parts.remote(), lambda _done: None)
    except FieldsyncError as error:
        drawn = int.from_bytes(ctx.randomness.token(_DRAW_BYTES)) / 2 ** (8 * _DRAW_BYTES)
        following = after_failure(rhythm, error, drawn)
        if following.over:
            raise
        parts.tell(Told(None, error, following.wait_s))
        return following
    following = after_success(rhythm)
    parts.tell(Told(done, None, following.wait_s))
    return following


def _rested(ctx: DeviceContext, rhythm: Rhythm, rest: Callable[[float], bool]) -> bool:
    """Wait until the next exchange is due; whether to end instead.

    Where a `sync` by hand went well meanwhile, the line is good again and nothing is waited for.
    """
    began_ms = ctx.clock.monotonic_ms()
    # A failure that a full disk kept from being noted cannot be seen to be over.
    was_noted = exchange_notes.last_failure(ctx.conn) is not None
    while True:
        passed_s = (ctx.clock.monotonic_ms() - began_ms) / 1000
        due_s = rhythm.due_in_s(passed_s, unsent=has_unsent(ctx.conn))
        is_over = was_noted and exchange_notes.last_failure(ctx.conn) is None
        if due_s <= 0 or is_over:
            return False
        if rest(min(due_s, LOOK_S)):
            return True
