"""What the server's word is worth: receipts of our own log, signed rules, and where two logs part."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent_cli.context import DeviceContext
from agent_cli.store import journal, meta
from agent_cli.store.database import writing
from fieldsync.agreements.mandate import MANDATE_NAME, MANDATE_TAG
from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json
from fieldsync.errors import ConflictError
from fieldsync.sync.certificates import (
    DOCUMENT_CA_NAME,
    DOCUMENT_CA_TAG,
    TEMPLATE_NAME,
    TEMPLATE_TAG,
)
from fieldsync.sync.feed import FeedRow, KeyKind, feed_key, split_key
from fieldsync.sync.lease import LEASE_NAME, LEASE_TAG
from fieldsync.sync.messages import (
    QUARANTINE_TAG,
    RECEIPT_TAG,
    RULESET_TAG,
    Quarantined,
    Receipt,
    SignedReceipt,
    SyncResponse,
)
from fieldsync.sync.sealing import HARDSHIP_SEAL_NAME, HARDSHIP_SEAL_TAG, SEAL_NAME, SEAL_TAG
from fieldsync.words import words

# The fact in `meta` that says from which record on this log is not the server's; for `doctor`.
PARTED = "log_parted_at"
PARTED_CODE = "409.65"
# By kind, and by key where a kind has rows of several sorts: the tag and the part that are signed.
_SIGNED = {
    KeyKind.RULESET.value: (RULESET_TAG, "toml"),
    feed_key(KeyKind.SERVER, SEAL_NAME): (SEAL_TAG, "key"),
    feed_key(KeyKind.SERVER, HARDSHIP_SEAL_NAME): (HARDSHIP_SEAL_TAG, "key"),
    feed_key(KeyKind.SERVER, MANDATE_NAME): (MANDATE_TAG, "text"),
    feed_key(KeyKind.SERVER, TEMPLATE_NAME): (TEMPLATE_TAG, "text"),
    feed_key(KeyKind.SERVER, LEASE_NAME): (LEASE_TAG, "text"),
    feed_key(KeyKind.SERVER, DOCUMENT_CA_NAME): (DOCUMENT_CA_TAG, "pem"),
}


def trusted_key(ctx: DeviceContext) -> Ed25519PublicKey:
    """The server's key as enrolment stored it."""
    return Ed25519PublicKey.from_public_bytes(base64url.decode(ctx.identity.server_key))


def verified_receipt(ctx: DeviceContext, answer: SyncResponse) -> Receipt:
    """The receipt, if this server signed it and it is of this very log.

    ConflictError 409.61 for another signature, 409.62 for another device's receipt, 409.65 where the
    logs part; nothing counts as delivered then.
    """
    _check_signed(ctx, RECEIPT_TAG, answer.receipt)
    receipt = from_json(answer.receipt.body, Receipt)
    if receipt.device_id != ctx.identity.device_id:
        raise _of_another_device()
    if receipt.head_seq and journal.hash_at(ctx.conn, receipt.head_seq) != receipt.head_hash:
        raise parted(ctx, receipt.head_seq)
    return receipt


def verified_quarantine(ctx: DeviceContext, told: SignedReceipt) -> tuple[str, ...]:
    """The hashes of the records that the server keeps apart, by its own signed word.

    ConflictError 409.61 for another signature, 409.62 for a word on another device's records.
    """
    _check_signed(ctx, QUARANTINE_TAG, told)
    word = from_json(told.body, Quarantined)
    if word.device_id != ctx.identity.device_id:
        raise _of_another_device()
    return word.hashes


def parted(ctx: DeviceContext, seq: int) -> ConflictError:
    """The error that this log is not the server's any more; kept in `meta`, so that doctor tells it too."""
    with writing(ctx.conn) as conn:
        meta.write(conn, {PARTED: str(seq)})
    return ConflictError(
        PARTED_CODE,
        words(
            "From record {seq} on the server has another log of this device: an older copy of its"
            " folder was put back, or two copies are in use.",
            seq=seq,
        ),
        at_seq=seq,
    )


def check_seal_key(server_key: Ed25519PublicKey, row: FeedRow) -> None:
    """A key to seal to counts only with the server's signature; ConflictError 409.68 without it.

    A rule pack is let through: `settle_packs` refuses it alone, and the exchange goes on.
    """
    is_pack = split_key(row.key)[0] == KeyKind.RULESET
    if row.body is None or is_pack or is_signed(server_key, row):
        return
    raise ConflictError(
        "409.68",
        words("The key for sealing that came is not signed by the server this device trusts."),
        words("The key of the last exchange stays in force. Tell the office."),
    )


def is_signed(server_key: Ed25519PublicKey, row: FeedRow) -> bool:
    """Whether the server signed the row's content; rows of other kinds carry no signature and pass."""
    kind, _name = split_key(row.key)
    tag, part = _SIGNED.get(row.key if kind == KeyKind.SERVER else kind, (b"", ""))
    if not part:
        return True
    body = row.body or {}
    try:
        server_key.verify(base64url.decode(str(body["sig"])), tag + str(body[part]).encode())
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def _check_signed(ctx: DeviceContext, tag: bytes, told: SignedReceipt) -> None:
    try:
        trusted_key(ctx).verify(base64url.decode(told.sig), tag + told.body.encode())
    except InvalidSignature as error:
        raise ConflictError(
            "409.61",
            words("The server's receipt is not signed by the server this device trusts."),
            words("Nothing was taken as delivered. Tell the office before you sync again."),
        ) from error


def _of_another_device() -> ConflictError:
    return ConflictError(
        "409.62",
        words("The server's receipt is for another device."),
        words("Nothing was taken as delivered. Tell the office before you sync again."),
    )
