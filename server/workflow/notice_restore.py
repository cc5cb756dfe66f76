"""Notices, by a device's own receipt, that the store was restored from an older backup, and starts anew.

With a new epoch every cursor is answered with 410: devices fetch their rows again, and send again
what the store lost of their logs. Nobody has to help.
"""

from cryptography.exceptions import InvalidSignature
from msgspec import DecodeError, ValidationError

from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json
from fieldsync.sync.messages import RECEIPT_TAG, Receipt, SignedReceipt
from fieldsync.sync.restored import Remembered, knows_less, was_restored
from server.context import ServerContext
from server.store.audit import record
from server.store.devices import Device, load_device
from server.store.dialect import one_at_a_time
from server.store.engine import writing
from server.store.epochs import begin_epoch, past_epochs
from server.store.retrying import retried


def notice_restore(ctx: ServerContext, device: Device, held: SignedReceipt | None) -> None:
    """Begin a new epoch where the receipt proves that the store forgot something; otherwise nothing.

    Whatever is not our own word on this device proves nothing. The signature is looked at last: a
    receipt without news costs no more than reading it.
    """
    receipt = _read(held)
    if receipt is None or receipt.device_id != device.device_id:
        return
    if knows_less(receipt, _remembered(device)) and _is_ours(ctx, held):
        _begin_anew(ctx, device.device_id, receipt)


def _read(held: SignedReceipt | None) -> Receipt | None:
    if held is None:
        return None
    try:
        receipt = from_json(held.body, Receipt)
    except (ValidationError, DecodeError, RecursionError, ValueError):
        return None
    return receipt if receipt.time.tzinfo is not None else None


def _is_ours(ctx: ServerContext, held: SignedReceipt | None) -> bool:
    if held is None:
        return False
    try:
        ctx.keys.receipt.public_key().verify(
            base64url.decode(held.sig), RECEIPT_TAG + held.body.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _remembered(device: Device) -> Remembered:
    return Remembered(device.head.seq, device.last_seen_at)


@retried
def _begin_anew(ctx: ServerContext, device_id: str, receipt: Receipt) -> None:
    """Once, however many devices come at the same time: the first one ends the epoch of all."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        one_at_a_time(conn, "epoch")
        device = load_device(conn, device_id, lock=True)
        if device is None or not was_restored(receipt, _remembered(device), past_epochs(conn)):
            return
        epoch = ctx.new_id()
        begin_epoch(conn, epoch, receipt.epoch, now)
        detail = {"told_seq": receipt.head_seq, "stored_seq": device.head.seq}
        record(
            conn,
            at=now,
            actor=device_id,
            action="store.restored",
            subject=epoch,
            detail={**detail, "told_at": receipt.time.isoformat()},
        )
