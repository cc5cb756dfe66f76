"""What the operator does with accounts: invite, list, change roles, reset, disable, end sessions."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import code_hash, fresh_code
from server.security.permissions import TABLE, Grant, Scope
from server.store.accounts import (
    Account,
    AccountState,
    CodeKind,
    account_of_bank,
    account_of_login,
    add_account,
    add_code,
    all_accounts,
    clear_sign_in,
    normal_login,
    set_roles,
    set_state,
)
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_sessions import end_sessions
from server.store.retrying import retried

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_MOST_NAME = 80


def list_accounts(ctx: ServerContext) -> list[Account]:
    """Every account by name."""
    with reading(ctx.engine) as conn:
        return all_accounts(conn)


@retried
def add(
    ctx: ServerContext,
    login: str,
    name: str,
    grants: Sequence[Grant],
    *,
    bank_subject: str | None,
    valid_for: timedelta,
    by: str,
) -> tuple[str, datetime]:
    """Make an account; its invitation's code, told once, and when that ends.

    InputError 422.902 for a name that cannot be typed, 422.903 as in `_checked`; ConflictError 409.90
    where the name is taken, 409.91 where the bank's id is.
    """
    now, plain = ctx.clock.now(), normal_login(login)
    if not _LOGIN.fullmatch(plain) or not 0 < len(name.strip()) <= _MOST_NAME:
        raise InputError(
            "422.902",
            words("A name to sign in with takes 2 to 64 letters, digits, dots, dashes or @."),
            words("And --name is what people call them, 80 characters at most."),
        )
    roles = _checked(grants)
    with writing(ctx.engine) as conn:
        if account_of_login(conn, plain) is not None:
            raise ConflictError(
                "409.90",
                words("There is an account {login} already.", login=plain),
                words("`fieldsync-server accounts list` shows them."),
            )
        if bank_subject is not None and account_of_bank(conn, bank_subject) is not None:
            raise ConflictError(
                "409.91", words("Another account is tied to this id of the bank already.")
            )
        account_id = ctx.new_id()
        add_account(
            conn, account_id, login=plain, name=name.strip(), bank_subject=bank_subject, at=now
        )
        set_roles(conn, account_id, roles)
        detail = {"roles": [list(role) for role in roles]}
        record(conn, at=now, actor=by, action="account.added", subject=account_id, detail=detail)
        return _invite(ctx, conn, account_id, now + valid_for)


@retried
def change_roles(ctx: ServerContext, login: str, grants: Sequence[Grant], *, by: str) -> Account:
    """These roles and no other; open sessions end, so that nobody goes on with what they had."""
    roles = _checked(grants)
    with writing(ctx.engine) as conn:
        account = _account(conn, login)
        set_roles(conn, account.account_id, roles)
        detail = {"roles": [list(role) for role in roles], "was": [list(r) for r in account.roles]}
        _note(ctx, conn, account, "account.roles_changed", by, detail)
        end_sessions(conn, account.account_id, ctx.clock.now(), "roles")
        return _account(conn, login)


@retried
def reset(ctx: ServerContext, login: str, valid_for: timedelta, *, by: str) -> tuple[str, datetime]:
    """Forget every means of signing in and end every session; a new invitation's code."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        account = _account(conn, login)
        clear_sign_in(conn, account.account_id)
        end_sessions(conn, account.account_id, now, "reset")
        _note(ctx, conn, account, "account.reset", by, {})
        return _invite(ctx, conn, account.account_id, now + valid_for)


@retried
def disable(ctx: ServerContext, login: str, *, by: str) -> Account:
    """Nobody signs in with it any more, and every session ends; `reset` lets them in again."""
    with writing(ctx.engine) as conn:
        account = _account(conn, login)
        clear_sign_in(conn, account.account_id)
        set_state(conn, account.account_id, AccountState.DISABLED)
        end_sessions(conn, account.account_id, ctx.clock.now(), "disabled")
        _note(ctx, conn, account, "account.disabled", by, {})
        return account


@retried
def end_all(ctx: ServerContext, login: str, *, by: str) -> int:
    """End every session of an account; how many were open."""
    with writing(ctx.engine) as conn:
        account = _account(conn, login)
        ended = end_sessions(conn, account.account_id, ctx.clock.now(), "operator")
        _note(ctx, conn, account, "account.sessions_ended", by, {"count": ended})
    return ended


def find_account(ctx: ServerContext, login: str) -> Account:
    """The account; NotFoundError 404.90 where there is none."""
    with reading(ctx.engine) as conn:
        return _account(conn, login)


def _invite(
    ctx: ServerContext, conn: Connection, account_id: str, until: datetime
) -> tuple[str, datetime]:
    code = fresh_code(ctx.randomness)
    add_code(conn, account_id, CodeKind.INVITATION, code_hash(code), until)
    return code, until


def _checked(grants: Sequence[Grant]) -> list[tuple[str, str]]:
    """InputError 422.903 for a role that acts at its own branch and has none."""
    for grant in grants:
        scopes = {scope for (role, _), scope in TABLE.items() if role is grant.role}
        if Scope.OWN in scopes and not grant.branch:
            raise InputError(
                "422.903",
                words("The role {role} needs its branch.", role=grant.role.value),
                words("Write --role {role}@BRANCH.", role=grant.role.value),
            )
    return [(grant.role.value, grant.branch) for grant in grants]


def _account(conn: Connection, login: str) -> Account:
    account = account_of_login(conn, login)
    if account is None:
        raise NotFoundError(
            "404.90",
            words("There is no account {login}.", login=login),
            words("`fieldsync-server accounts list` shows them."),
        )
    return account


def _note(
    ctx: ServerContext,
    conn: Connection,
    account: Account,
    action: str,
    by: str,
    detail: Mapping[str, object],
) -> None:
    now = ctx.clock.now()
    record(conn, at=now, actor=by, action=action, subject=account.account_id, detail=detail)
