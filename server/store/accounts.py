"""Reads and writes accounts: who they are, their roles, how they sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from server.store.account_tables import account_codes, account_roles, accounts, passkeys


class AccountState(StrEnum):
    """Invited: nobody has signed in yet. Disabled: nobody can."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class CodeKind(StrEnum):
    """What a single-use code is for."""

    INVITATION = "invitation"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `roles` are pairs of role and branch. `otp_seed` is encrypted."""

    account_id: str
    login: str
    name: str
    state: AccountState
    bank_subject: str | None
    password_hash: str | None
    otp_seed: str | None
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it may sign in."""
        return self.state is AccountState.ACTIVE


def normal_login(said: str) -> str:
    """A name as it is stored and looked for."""
    return said.strip().lower()


def add_account(
    conn: Connection,
    account_id: str,
    *,
    login: str,
    name: str,
    bank_subject: str | None,
    at: datetime,
) -> None:
    """Store a fresh account, which nobody has signed in to."""
    conn.execute(
        insert(accounts).values(
            account_id=account_id,
            login=login,
            name=name,
            bank_subject=bank_subject,
            state=AccountState.INVITED.value,
            created_at=at,
        )
    )


def account_of_login(conn: Connection, login: str) -> Account | None:
    """The account with this name, or None."""
    return _first(conn, accounts.c.login == normal_login(login))


def account_with_id(conn: Connection, account_id: str) -> Account | None:
    """The account with this id, or None."""
    return _first(conn, accounts.c.account_id == account_id)


def account_of_bank(conn: Connection, subject: str) -> Account | None:
    """The account of whom the bank's sign-in calls so, or None."""
    return _first(conn, accounts.c.bank_subject == subject)


def all_accounts(conn: Connection) -> list[Account]:
    """Every account by name."""
    return [_of(conn, row) for row in conn.execute(select(accounts).order_by(accounts.c.login))]


def names_of_accounts(conn: Connection) -> dict[str, str]:
    """What people are called, by account id."""
    rows = conn.execute(select(accounts.c.account_id, accounts.c.name))
    return {row.account_id: row.name for row in rows}


def set_roles(conn: Connection, account_id: str, roles: Sequence[tuple[str, str]]) -> None:
    """These roles, and no other."""
    conn.execute(delete(account_roles).where(account_roles.c.account_id == account_id))
    for role, branch in sorted(set(roles)):
        conn.execute(insert(account_roles).values(account_id=account_id, role=role, branch=branch))


def set_state(conn: Connection, account_id: str, state: AccountState) -> None:
    """Say whether somebody may sign in."""
    _update(conn, account_id, state=state.value)


def set_sign_in(conn: Connection, account_id: str, *, password_hash: str, otp_seed: str) -> None:
    """The password and one-time codes of an account that is ready to be used."""
    _update(
        conn,
        account_id,
        password_hash=password_hash,
        otp_seed=otp_seed,
        otp_step=None,
        state=AccountState.ACTIVE.value,
    )


def set_password(conn: Connection, account_id: str, password_hash: str) -> None:
    """Another password."""
    _update(conn, account_id, password_hash=password_hash)


def clear_sign_in(conn: Connection, account_id: str) -> None:
    """Forget every means of signing in: the account waits for an invitation to be used."""
    _update(
        conn,
        account_id,
        password_hash=None,
        otp_seed=None,
        otp_step=None,
        state=AccountState.INVITED.value,
    )
    conn.execute(delete(account_codes).where(account_codes.c.account_id == account_id))
    conn.execute(delete(passkeys).where(passkeys.c.account_id == account_id))


def use_otp_step(conn: Connection, account_id: str, step: int) -> bool:
    """Use a step of the one-time codes up; False where it, or a later one, was used before."""
    unused = or_(accounts.c.otp_step.is_(None), accounts.c.otp_step < step)
    used = conn.execute(
        update(accounts).where(accounts.c.account_id == account_id, unused).values(otp_step=step)
    )
    return used.rowcount == 1


def add_code(
    conn: Connection,
    account_id: str,
    kind: CodeKind,
    code_hash: str,
    expires_at: datetime | None = None,
) -> None:
    """Store a fresh single-use code by its hash."""
    conn.execute(
        insert(account_codes).values(
            code_hash=code_hash, account_id=account_id, kind=kind.value, expires_at=expires_at
        )
    )


def drop_codes(conn: Connection, account_id: str, kind: CodeKind) -> None:
    """Forget the codes of a kind."""
    conn.execute(
        delete(account_codes).where(
            account_codes.c.account_id == account_id, account_codes.c.kind == kind.value
        )
    )


def is_open_code(
    conn: Connection, account_id: str, kind: CodeKind, code_hash: str, at: datetime
) -> bool:
    """Whether the code could be used now."""
    query = select(account_codes.c.code_hash).where(*_open(account_id, kind, code_hash, at))
    return conn.execute(query).first() is not None


def use_code(
    conn: Connection, account_id: str, kind: CodeKind, code_hash: str, at: datetime
) -> bool:
    """Use the code up; False where there is none of this account, or it was used or has expired."""
    used = conn.execute(
        update(account_codes).where(*_open(account_id, kind, code_hash, at)).values(used_at=at)
    )
    return used.rowcount == 1


def codes_left(conn: Connection, account_id: str, kind: CodeKind) -> int:
    """How many codes of a kind are unused."""
    query = select(func.count()).where(
        account_codes.c.account_id == account_id,
        account_codes.c.kind == kind.value,
        account_codes.c.used_at.is_(None),
    )
    return conn.execute(query).scalar() or 0


def _open(
    account_id: str, kind: CodeKind, code_hash: str, at: datetime
) -> tuple[ColumnElement[bool], ...]:
    expires = account_codes.c.expires_at
    return (
        account_codes.c.code_hash == code_hash,
        account_codes.c.account_id == account_id,
        account_codes.c.kind == kind.value,
        account_codes.c.used_at.is_(None),
        or_(expires.is_(None), expires > at),
    )


def _update(conn: Connection, account_id: str, **values: object) -> None:
    conn.execute(update(accounts).where(accounts.c.account_id == account_id).values(**values))


def _first(conn: Connection, condition: ColumnElement[bool]) -> Account | None:
    row = conn.execute(select(accounts).where(condition)).first()
    return None if row is None else _of(conn, row)


def _of(conn: Connection, row: Any) -> Account:
    held = conn.execute(
        select(account_roles.c.role, account_roles.c.branch)
        .where(account_roles.c.account_id == row.account_id)
        .order_by(account_roles.c.role, account_roles.c.branch)
    )
    return Account(
        account_id=row.account_id,
        login=row.login,
        name=row.name,
        state=AccountState(row.state),
        bank_subject=row.bank_subject,
        password_hash=row.password_hash,
        otp_seed=row.otp_seed,
        roles=tuple((one.role, one.branch) for one in held),
    )
