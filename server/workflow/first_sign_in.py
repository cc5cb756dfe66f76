"""The first sign-in: an invitation's code is exchanged for a password and one-time codes of one's own."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import (
    code_hash,
    decrypted,
    digest,
    encrypted,
    fresh_code,
    fresh_token,
)
from server.security.one_time_codes import fresh_seed, step_of_code
from server.security.passwords import check_new_password, hash_password
from server.store.accounts import (
    CodeKind,
    account_of_login,
    account_with_id,
    add_code,
    drop_codes,
    is_open_code,
    set_sign_in,
    use_code,
    use_otp_step,
)
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_sessions import add_step, load_step, use_step
from server.store.retrying import retried
from server.workflow.office_sessions import Visitor, begin
from server.workflow.sign_in import Welcome
from server.workflow.sign_in_limits import counted, forgive, new_mark, take_try

_KIND = "first"
_LASTS = timedelta(minutes=15)
_RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Whose account is being set up, and the seed for their authenticator app."""

    account_id: str
    login: str
    seed: str
    invitation: str


def open_invitation(ctx: ServerContext, login: str, code: str, visitor: Visitor) -> str:
    """Check an invitation without using it up; the id of the step that follows.

    UnauthorisedError 403.902 for a wrong, used or expired one; 429.90 as in `take_try`.
    """
    _count(ctx, login, visitor)
    return _open(ctx, login, code_hash(code), visitor)


@retried
def _count(ctx: ServerContext, login: str, visitor: Visitor) -> None:
    with writing(ctx.engine) as conn:
        take_try(conn, counted(ctx, login, visitor), ctx.clock.now())


@retried
def _open(ctx: ServerContext, login: str, invitation: str, visitor: Visitor) -> str:
    now, token = ctx.clock.now(), fresh_token(ctx.randomness)
    with writing(ctx.engine) as conn:
        account = account_of_login(conn, login)
        known = account.account_id if account else "-"
        if not is_open_code(conn, known, CodeKind.INVITATION, invitation, now):
            record(
                conn, at=now, actor=visitor.remote, action="office.invitation_failed", subject=known
            )
            failed = True
        else:
            failed = False
            seed = fresh_seed(ctx.randomness)
            body = {
                "account_id": known,
                "invitation": invitation,
                "seed": encrypted(ctx.keys.accounts, known, seed, ctx.randomness),
            }
            forgive(conn, counted(ctx, login, visitor))
            add_step(conn, digest(token), _KIND, body, at=now, lasts=_LASTS)
    if failed:
        raise UnauthorisedError(
            "403.902",
            words("Name or invitation code is not right, or the code was used or has expired."),
            words("Ask the operator for a new invitation (`fieldsync-server accounts reset`)."),
        )
    return token


def setting_up(ctx: ServerContext, step: str) -> SettingUp | None:
    """What the page of a step shows; None where it is over."""
    with reading(ctx.engine) as conn:
        body = load_step(conn, digest(step), _KIND, ctx.clock.now())
        account = account_with_id(conn, body["account_id"]) if body else None
    if body is None or account is None:
        return None
    seed = decrypted(ctx.keys.accounts, account.account_id, body["seed"])
    return SettingUp(account.account_id, account.login, seed, body["invitation"])


def finish(
    ctx: ServerContext, step: str, password: str, code: str, visitor: Visitor
) -> tuple[Welcome, tuple[str, ...]]:
    """Set the account up and sign in; recovery codes come with it, shown this once.

    InputError 422.910 or 422.911 as in `check_new_password`; UnauthorisedError 403.903 where the code of
    the app is wrong, 403.905 where the step is over.
    """
    asked = setting_up(ctx, step)
    if asked is None:
        raise step_over()
    check_new_password(password, asked.login)
    used = step_of_code(asked.seed, code, ctx.clock.now())
    if used is None:
        raise UnauthorisedError(
            "403.903",
            words("That is not the code that the app shows now."),
            words("Scan the picture again, and mind that the telephone's clock is right."),
        )
    return _settle(ctx, step, asked, hash_password(password), (used, visitor))


@retried
def _settle(
    ctx: ServerContext,
    step: str,
    asked: SettingUp,
    password_hash: str,
    by: tuple[int, Visitor],
) -> tuple[Welcome, tuple[str, ...]]:
    otp_step, visitor = by
    now, account_id = ctx.clock.now(), asked.account_id
    with writing(ctx.engine) as conn:
        if use_step(conn, digest(step), _KIND, now) is None or not use_code(
            conn, account_id, CodeKind.INVITATION, asked.invitation, now
        ):
            raise step_over()
        seed = encrypted(ctx.keys.accounts, account_id, asked.seed, ctx.randomness)
        set_sign_in(conn, account_id, password_hash=password_hash, otp_seed=seed)
        use_otp_step(conn, account_id, otp_step)
        codes = fresh_recovery_codes(ctx, conn, account_id)
        record(conn, at=now, actor=asked.login, action="account.set_up", subject=account_id)
        token = begin(ctx, conn, account_id, "invitation", visitor)
    return Welcome(token, new_mark(ctx, asked.login), account_id), codes


def fresh_recovery_codes(ctx: ServerContext, conn: Connection, account_id: str) -> tuple[str, ...]:
    """New recovery codes in the place of older ones; only their hashes are kept."""
    drop_codes(conn, account_id, CodeKind.RECOVERY)
    codes = tuple(fresh_code(ctx.randomness) for _ in range(_RECOVERY_CODES))
    for code in codes:
        add_code(conn, account_id, CodeKind.RECOVERY, code_hash(code))
    return codes


def step_over() -> UnauthorisedError:
    """What is said of a step that was answered before, or too late."""
    return UnauthorisedError(
        "403.905", words("This page is over."), words("Begin again; nothing was changed.")
    )
