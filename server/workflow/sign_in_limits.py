"""Slows guessing down without shutting anybody out: strangers wait, a browser that is known does not.

After OWASP's device cookies: a browser that signed in before carries a mark and has a count of its own,
which nobody else can fill. Strangers are counted by name and address, and all strangers of a name together;
a name that does not exist is counted like one that does.
"""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import fresh_token, is_keyed, keyed
from server.store.accounts import normal_login
from server.store.sign_in_tries import forget_tries, take_back
from server.workflow.office_sessions import Visitor
from server.workflow.slow_down import Counted, count, wait_held

# How many slips are free: of one browser or address for a name, of all strangers for a name, and of
# strangers at one address for all names.
_FREE, _FREE_STRANGERS, _FREE_ADDRESS = 5, 30, 60
_MARK_USE = "browser"


def counted(ctx: ServerContext, login: str, visitor: Visitor) -> Counted:
    """Where a try of this name from this visitor counts."""
    name = normal_login(login)
    who = keyed(ctx.keys.accounts, "who", name)
    if is_mark_of(ctx, name, visitor.mark):
        return Counted(((who, keyed(ctx.keys.accounts, "source", visitor.mark)),), (_FREE,))
    address = keyed(ctx.keys.accounts, "source", visitor.remote)
    pairs = ((who, address), (who, "strangers"), ("everybody", address))
    return Counted(pairs, (_FREE, _FREE_STRANGERS, _FREE_ADDRESS))


def take_try(conn: Connection, tried: Counted, now: datetime) -> None:
    """Count a try before it is looked at, so that many at once count as many.

    UnauthorisedError 429.90 where one has to wait first; then nothing is looked at.
    """
    longest = wait_held(conn, tried, now)
    if longest > timedelta():
        seconds = ceil(longest.total_seconds())
        raise UnauthorisedError(
            "429.90",
            words("Too many tries. Wait {seconds} seconds.", seconds=seconds),
            words("A browser you signed in with before, or a passkey, need not wait for others."),
            retry_after_s=seconds,
        )
    count(conn, tried, now)


def forgive(conn: Connection, tried: Counted) -> None:
    """The right person came: what failed there was a slip.

    What strangers share is not wiped, or whoever has one account could guess on at all the others.
    """
    forget_tries(conn, *tried.pairs[0])
    for who, source in tried.pairs[1:]:
        take_back(conn, who, source)


def new_mark(ctx: ServerContext, login: str) -> str:
    """A mark for the browser of somebody who has signed in: it is good for this name alone."""
    nonce = fresh_token(ctx.randomness)
    return f"{nonce}.{keyed(ctx.keys.accounts, _MARK_USE, f'{normal_login(login)}.{nonce}')}"


def is_mark_of(ctx: ServerContext, login: str, mark: str) -> bool:
    """Whether the mark was given to a browser for this name."""
    nonce, _dot, seal = mark.partition(".")
    return is_keyed(ctx.keys.accounts, _MARK_USE, f"{login}.{nonce}", seal)
