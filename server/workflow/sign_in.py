"""Signs somebody in by password and one-time code: one answer for everything that may be wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import code_hash, decrypted
from server.security.one_time_codes import step_of_code
from server.security.passwords import is_password
from server.store.accounts import (
    Account,
    CodeKind,
    account_of_login,
    use_code,
    use_otp_step,
)
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.retrying import retried
from server.workflow.office_sessions import Visitor, begin
from server.workflow.sign_in_limits import counted, forgive, new_mark, take_try

# What a code is compared with where there is no account; any seed does.
_NOBODYS_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the browser keeps: the session's id, and its mark for the next time."""

    token: str
    mark: str
    account_id: str


def sign_in(ctx: ServerContext, login: str, password: str, code: str, visitor: Visitor) -> Welcome:
    """Sign in; `code` is of the authenticator app, or a recovery code.

    UnauthorisedError 403.901 where anything is wrong, without a word of what; 429.90 as in `take_try`.
    """
    _count(ctx, login, visitor)
    with reading(ctx.engine) as conn:
        account = account_of_login(conn, login)
    right = is_password(account.password_hash if account else None, password)
    step = step_of_code(_seed(ctx, account), code, ctx.clock.now())
    usable = account if account is not None and account.is_active and right else None
    return _settle(ctx, login, usable, (step, code_hash(code)), visitor)


def _seed(ctx: ServerContext, account: Account | None) -> str:
    if account is None or account.otp_seed is None:
        return _NOBODYS_SEED
    return decrypted(ctx.keys.accounts, account.account_id, account.otp_seed)


@retried
def _count(ctx: ServerContext, login: str, visitor: Visitor) -> None:
    with writing(ctx.engine) as conn:
        take_try(conn, counted(ctx, login, visitor), ctx.clock.now())


@retried
def _settle(
    ctx: ServerContext,
    login: str,
    account: Account | None,
    said: tuple[int | None, str],
    visitor: Visitor,
) -> Welcome:
    """Use the code up and begin, or keep that it failed; both write once."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        used = _use(conn, account.account_id if account else _NOBODY, said, now)
        if account is not None and used:
            forgive(conn, counted(ctx, login, visitor))
            token = begin(ctx, conn, account.account_id, used, visitor)
            return Welcome(token, new_mark(ctx, login), account.account_id)
        subject = account.account_id if account else _NOBODY
        record(conn, at=now, actor=visitor.remote, action="office.sign_in_failed", subject=subject)
    raise UnauthorisedError(
        "403.901",
        words("Name, password or code is not right."),
        words(
            "Each code works once. Ask the operator for a new invitation if you lost your means."
        ),
    )


def _use(conn: Connection, account_id: str, said: tuple[int | None, str], now: datetime) -> str:
    """By which means the code was right, and now is used up; empty where it was not."""
    step, recovery = said
    if step is not None:
        return "password" if use_otp_step(conn, account_id, step) else ""
    return "recovery" if use_code(conn, account_id, CodeKind.RECOVERY, recovery, now) else ""
