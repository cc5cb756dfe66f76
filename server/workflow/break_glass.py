"""Breaks the glass: one's own role at another branch for an hour, with a reason, and everybody sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldsync.domain.check import Check, Level
from fieldsync.errors import InputError
from fieldsync.words import words
from server.context import ServerContext
from server.security.permissions import Action, may
from server.store.accounts import names_of_accounts
from server.store.approvals import GlassBreak, add_glass, end_glass, glass_since
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_lists import all_branches
from server.store.retrying import retried
from server.workflow.office_sessions import SignedIn, rotate
from server.workflow.office_work import reason_of, require

LASTS = timedelta(hours=1)
# How long after it is whole again everybody is still told.
_TOLD = timedelta(hours=24)
_A_YEAR = timedelta(days=366)
_LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Who reached into which branch, and whether they still do."""

    glass: GlassBreak
    name: str
    is_open: bool


def break_glass(ctx: ServerContext, who: SignedIn, branch: str, reason: str) -> str:
    """Reach into a branch for an hour; the new id of the session, since it may do more now.

    UnauthorisedError 403.910 without a role that may; InputError 422.904 without a reason, 422.905 for
    a short one, 422.906 for an unknown branch.
    """
    require(who, Action.GLASS_BREAK, branch)
    why = reason_of(reason)
    if len(why) < _LEAST_REASON:
        raise InputError(
            "422.905",
            words("A few words more: who needs help, and why can it not wait?"),
        )
    _break(ctx, who, branch, why)
    return rotate(ctx, who)


@retried
def _break(ctx: ServerContext, who: SignedIn, branch: str, why: str) -> None:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        if branch not in all_branches(conn):
            raise InputError("422.906", words("There is no such branch."))
        broken = GlassBreak(ctx.new_id(), who.account_id, branch, why, now, now + LASTS)
        add_glass(conn, broken)
        detail = {"branch": branch, "glass_id": broken.glass_id}
        action = "glass.broken"
        record(
            conn, at=now, actor=who.signs_as, action=action, subject=who.account_id, detail=detail
        )


@retried
def mend(ctx: ServerContext, who: SignedIn, glass_id: str) -> bool:
    """Give one's reach back before the hour is over; False where it is not theirs, or over."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        ended = end_glass(conn, glass_id, who.account_id, now)
        if ended:
            record(conn, at=now, actor=who.signs_as, action="glass.mended", subject=glass_id)
    return ended


def alarms(ctx: ServerContext) -> list[BrokenGlass]:
    """Glass that is broken, or was in the last day: everybody's page shows it."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        names = names_of_accounts(conn)
        return [
            BrokenGlass(one, names.get(one.account_id, ""), is_open=one.until > now)
            for one in glass_since(conn, now - _TOLD)
        ]


def past_glass(ctx: ServerContext, who: SignedIn) -> list[BrokenGlass]:
    """The last year's at branches whose record they may see, with its reasons."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        names = names_of_accounts(conn)
        return [
            BrokenGlass(one, names.get(one.account_id, ""), is_open=one.until > now)
            for one in glass_since(conn, now - _A_YEAR)
            if may(who.grants, Action.RECORD_SEE, one.branch)
        ]


def branches(ctx: ServerContext) -> list[str]:
    """Every branch there is."""
    with reading(ctx.engine) as conn:
        return all_branches(conn)


def check_glass(ctx: ServerContext) -> Check:
    """What `doctor` says of it."""
    found = alarms(ctx)
    if not found:
        return Check("glass", Level.OK, words("Nobody reached into another branch."))
    last: datetime = found[0].glass.at
    return Check(
        "glass",
        Level.WARN,
        words(
            "{count} times somebody reached into another branch since yesterday, last {name} into {branch} at {at}.",
            count=len(found),
            name=found[0].name,
            branch=found[0].glass.branch,
            at=f"{last:%Y-%m-%d %H:%M}",
        ),
        words("Ask them why; the page of the record shows each reason."),
    )
