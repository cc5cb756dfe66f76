"""Reads and writes enrolled devices: their officer, public keys and the head of their log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, insert, select, update

from fieldsync.domain.officer import Officer
from fieldsync.sync.chain import Head
from fieldsync.sync.operation import genesis_hash
from server.store.ledger import RENEWING
from server.store.tables import devices, officers

# Statements of the exchange are built once: that costs five times what running them does.
_DEVICE = (
    select(devices, officers.c.branch, officers.c.name.label("officer_name"))
    .join(officers, officers.c.officer_id == devices.c.officer_id)
    .where(devices.c.device_id == bindparam("device_id"))
)
_DEVICE_LOCKED = _DEVICE.with_for_update(of=devices)
_SEEN_AT = bindparam("seen_at", type_=devices.c.last_seen_at.type)
_MOVE_HEAD = (
    update(devices)
    .where(devices.c.device_id == bindparam("of_device"))
    .values(
        head_seq=bindparam("seq"),
        head_hash=bindparam("hash"),
        last_seen_at=case(
            (devices.c.last_seen_at > _SEEN_AT, devices.c.last_seen_at), else_=_SEEN_AT
        ),
    )
    .execution_options(**RENEWING)
)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device; keys are raw Ed25519 public keys, base64url unpadded."""

    device_id: str
    officer: Officer
    name: str
    request_key: str
    operation_key: str
    head: Head
    enrolled_at: datetime
    last_seen_at: datetime | None = None
    revoked_from_seq: int | None = None


def load_device(conn: Connection, device_id: str, *, lock: bool = False) -> Device | None:
    """The device, or None; `lock` keeps other pushes of it waiting until this transaction ends."""
    query = _DEVICE_LOCKED if lock else _DEVICE
    row = conn.execute(query, {"device_id": device_id}).first()
    if row is None:
        return None
    return Device(
        device_id=row.device_id,
        officer=Officer(row.officer_id, row.officer_name, row.branch),
        name=row.name,
        request_key=row.request_key,
        operation_key=row.operation_key,
        head=Head(row.head_seq, row.head_hash),
        enrolled_at=row.enrolled_at,
        last_seen_at=row.last_seen_at,
        revoked_from_seq=row.revoked_from_seq,
    )


def add_device(
    conn: Connection,
    *,
    device_id: str,
    officer_id: str,
    name: str,
    request_key: str,
    operation_key: str,
    at: datetime,
) -> None:
    """Store a freshly enrolled device with an empty log."""
    conn.execute(
        insert(devices).values(
            device_id=device_id,
            officer_id=officer_id,
            name=name,
            request_key=request_key,
            operation_key=operation_key,
            head_seq=0,
            head_hash=genesis_hash(device_id),
            enrolled_at=at,
        )
    )


def move_head(conn: Connection, device_id: str, head: Head, at: datetime) -> None:
    """The log is stored up to here, and the device was heard of now.

    What a receipt says is stored with it: `last_seen_at` never goes back, whatever the clocks do, so
    that a receipt from a later time can only come from a store that was later (`notice_restore`).
    """
    conn.execute(
        _MOVE_HEAD, {"of_device": device_id, "seq": head.seq, "hash": head.hash, "seen_at": at}
    )


def revoke_from(conn: Connection, device_id: str, seq: int) -> None:
    """Believe nothing that the device signs from this place of its log on."""
    conn.execute(
        update(devices).where(devices.c.device_id == device_id).values(revoked_from_seq=seq)
    )


def ids_of_devices(conn: Connection) -> dict[str, str]:
    """The officer's id by device id, the device that was enrolled last first."""
    rows = conn.execute(
        select(devices.c.device_id, devices.c.officer_id).order_by(devices.c.enrolled_at.desc())
    )
    return {row.device_id: row.officer_id for row in rows}
