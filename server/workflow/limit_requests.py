"""Holds back devices that ask too much and addresses whose requests nobody signed, before anything is read.

A device is counted by the nonces of its verified requests, so nobody else can use up what it may ask.
What is not signed by a device of ours is counted by address, apart from requests in an enrolled device's
name, which count for that name from that address: those who share an address with a stranger go on.
"""

from datetime import timedelta
from math import ceil

from sqlalchemy import Connection

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import keyed
from server.store.devices import load_device
from server.store.engine import reading, writing
from server.store.nonces import nonce_before
from server.store.retrying import retried
from server.workflow.slow_down import Counted, count, wait_of

# A device waits so long by itself, within one exchange (`fieldsync.sync.rhythm.SHORT_WAIT_S`).
_WINDOW = timedelta(seconds=10)
_STRANGERS = "unsigned"
_LATER = words("Nothing is lost: what was not sent is sent later.")


def hold_back(ctx: ServerContext, named: str, source: str) -> None:
    """Let a request that names this device pass, or not; nothing of it is believed yet.

    UnauthorisedError 429.3 where the device sends too many, 429.4 where too many from this address were
    not signed by a device of ours; each says after how many seconds to try again.
    """
    with reading(ctx.engine) as conn:
        _check_pace(ctx, conn, named)
        _check_source(ctx, conn, named, source)


@retried
def count_unsigned(ctx: ServerContext, named: str, source: str) -> None:
    """A request turned out to be signed by no device of ours."""
    with writing(ctx.engine) as conn:
        own = load_device(conn, named) is not None
        count(conn, _counted(ctx, named if own else "", source), ctx.clock.now())


def _check_pace(ctx: ServerContext, conn: Connection, named: str) -> None:
    first = nonce_before(conn, named, ctx.config.limits.device_requests)
    wait = timedelta() if first is None else first + _WINDOW - ctx.clock.now()
    if wait > timedelta():
        raise UnauthorisedError(
            "429.3",
            words("This device sends too many requests at once."),
            _LATER,
            retry_after_s=ceil(wait.total_seconds()),
        )


def _check_source(ctx: ServerContext, conn: Connection, named: str, source: str) -> None:
    now = ctx.clock.now()
    wait = wait_of(conn, _counted(ctx, named, source), now)
    if named and wait <= timedelta():
        wait = wait_of(conn, _counted(ctx, "", source), now)
        if wait > timedelta() and load_device(conn, named) is not None:
            return
    if wait > timedelta():
        raise UnauthorisedError(
            "429.4",
            words("Too many requests from this address were signed by no device enrolled here."),
            _LATER,
            retry_after_s=ceil(wait.total_seconds()),
        )


def _counted(ctx: ServerContext, device_id: str, source: str) -> Counted:
    who = f"device {device_id}" if device_id else _STRANGERS
    pair = (who, keyed(ctx.keys.accounts, "source", source))
    return Counted((pair,), (ctx.config.limits.source_refusals,))
