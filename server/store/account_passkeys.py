"""Reads and writes the passkeys of accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.store.account_tables import passkeys


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey and whose it is; id and public key are base64url."""

    credential_id: str
    account_id: str
    public_key: str
    sign_count: int
    name: str
    added_at: datetime
    used_at: datetime | None = None


def add_passkey(conn: Connection, made: StoredPasskey) -> None:
    """Store a fresh one."""
    conn.execute(
        insert(passkeys).values(
            credential_id=made.credential_id,
            account_id=made.account_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=made.name,
            added_at=made.added_at,
        )
    )


def passkeys_of(conn: Connection, account_id: str) -> list[StoredPasskey]:
    """Those of an account, the oldest first."""
    query = select(passkeys).where(passkeys.c.account_id == account_id)
    return [_of(row) for row in conn.execute(query.order_by(passkeys.c.added_at))]


def passkey_with_id(conn: Connection, credential_id: str) -> StoredPasskey | None:
    """The passkey, or None; nobody else counts it on meanwhile."""
    query = select(passkeys).where(passkeys.c.credential_id == credential_id).with_for_update()
    row = conn.execute(query).first()
    return None if row is None else _of(row)


def note_use(conn: Connection, credential_id: str, sign_count: int, at: datetime) -> None:
    """It was used now, for the so-manieth time."""
    conn.execute(
        update(passkeys)
        .where(passkeys.c.credential_id == credential_id)
        .values(sign_count=sign_count, used_at=at)
    )


def drop_passkey(conn: Connection, account_id: str, credential_id: str) -> bool:
    """Forget a passkey of this account; False where it has no such one."""
    dropped = conn.execute(
        delete(passkeys).where(
            passkeys.c.credential_id == credential_id, passkeys.c.account_id == account_id
        )
    )
    return dropped.rowcount == 1


def _of(row: Any) -> StoredPasskey:
    return StoredPasskey(
        row.credential_id,
        row.account_id,
        row.public_key,
        row.sign_count,
        row.name,
        row.added_at,
        row.used_at,
    )
