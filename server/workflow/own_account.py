"""What people do with their own account: another password, new recovery codes, other sessions ended."""

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.passwords import check_new_password, hash_password, is_password
from server.store.accounts import CodeKind, codes_left, set_password
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_sessions import end_sessions
from server.store.retrying import retried
from server.workflow.first_sign_in import fresh_recovery_codes
from server.workflow.office_sessions import SignedIn, Visitor, rotate
from server.workflow.sign_in_limits import counted, forgive, take_try
from server.workflow.use_passkeys import check_fresh


def change_password(ctx: ServerContext, who: SignedIn, old: str, new: str) -> str:
    """Another password; every other session ends, and the new id of this one comes back.

    UnauthorisedError 403.913 where the old one is wrong, 429.90 after too many tries; InputError as in
    `check_new_password`.
    """
    _count(ctx, who)
    if not is_password(who.account.password_hash, old):
        raise UnauthorisedError(
            "403.913",
            words("That is not your present password."),
            words("If somebody else knows it, ask the operator for a new invitation."),
        )
    check_new_password(new, who.account.login)
    _settle(ctx, who, hash_password(new))
    return rotate(ctx, who)


@retried
def _count(ctx: ServerContext, who: SignedIn) -> None:
    """A session left open is no place to guess the password at leisure."""
    with writing(ctx.engine) as conn:
        take_try(conn, counted(ctx, who.account.login, _session_of(who)), ctx.clock.now())


@retried
def _settle(ctx: ServerContext, who: SignedIn, password_hash: str) -> None:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        set_password(conn, who.account_id, password_hash)
        forgive(conn, counted(ctx, who.account.login, _session_of(who)))
        end_sessions(conn, who.account_id, now, "password", but=who.session.session_hash)
        action = "account.password_changed"
        record(conn, at=now, actor=who.signs_as, action=action, subject=who.account_id)


def _session_of(who: SignedIn) -> Visitor:
    return Visitor(f"session {who.session.handle}")


@retried
def end_others(ctx: ServerContext, who: SignedIn) -> int:
    """End every session of theirs but this one; how many were open."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        ended = end_sessions(conn, who.account_id, now, "ended", but=who.session.session_hash)
        action, detail = "office.sessions_ended", {"count": ended}
        record(
            conn, at=now, actor=who.signs_as, action=action, subject=who.account_id, detail=detail
        )
    return ended


@retried
def renew_recovery_codes(ctx: ServerContext, who: SignedIn) -> tuple[str, ...]:
    """New recovery codes; the older ones are worth nothing. UnauthorisedError 403.906 as in `check_fresh`."""
    check_fresh(ctx, who)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        codes = fresh_recovery_codes(ctx, conn, who.account_id)
        action = "account.recovery_codes_made"
        record(conn, at=now, actor=who.signs_as, action=action, subject=who.account_id)
    return codes


def codes_left_of(ctx: ServerContext, who: SignedIn) -> int:
    """How many recovery codes are unused."""
    with reading(ctx.engine) as conn:
        return codes_left(conn, who.account_id, CodeKind.RECOVERY)
