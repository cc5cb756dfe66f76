"""What the server's word is worth: receipts of our own log, signed rules, and where two logs part."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent_cli.context import DeviceContext
from agent_cli.store import journal, meta
from agent_cli.store.database import writing
from agent_cli.store.states import JournalState
from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json
from fieldsync.errors import ConflictError
from fieldsync.sync.feed import FeedRow, KeyKind, split_key
from fieldsync.sync.messages import RECEIPT_TAG, RULESET_TAG, Receipt, SyncResponse
from fieldsync.words import words

# The fact in `meta` that says from which record on this log is not the server's; for `doctor`.
PARTED = "log_parted_at"


def trusted_key(ctx: DeviceContext) -> Ed25519PublicKey:
    """The server's key as enrolment stored it."""
    return Ed25519PublicKey.from_public_bytes(base64url.decode(ctx.identity.server_key))


def verified_receipt(ctx: DeviceContext, answer: SyncResponse) -> Receipt:
    """The receipt, if this server signed it and it is of this very log.

    ConflictError 409.61 for another signature, 409.62 for another device's receipt, 409.65 where the
    logs part; nothing counts as delivered then.
    """
    try:
        trusted_key(ctx).verify(
            base64url.decode(answer.receipt.sig), RECEIPT_TAG + answer.receipt.body.encode()
        )
    except InvalidSignature as error:
        raise ConflictError(
            "409.61",
            words("The server's receipt is not signed by the server this device trusts."),
            words("Nothing was taken as delivered. Tell the office before you sync again."),
        ) from error
    receipt = from_json(answer.receipt.body, Receipt)
    if receipt.device_id != ctx.identity.device_id:
        raise ConflictError(
            "409.62",
            words("The server's receipt is for another device."),
            words("Nothing was taken as delivered. Tell the office before you sync again."),
        )
    if receipt.head_seq and journal.hash_at(ctx.conn, receipt.head_seq) != receipt.head_hash:
        raise parted(ctx, receipt.head_seq)
    return receipt


def parted(ctx: DeviceContext, seq: int) -> ConflictError:
    """The error that this log is not the server's any more; kept in `meta`, so that doctor tells it too."""
    with writing(ctx.conn) as conn:
        meta.write(conn, {PARTED: str(seq)})
    unsent = journal.counts(ctx.conn)[JournalState.UNSENT]
    return ConflictError(
        "409.65",
        words(
            "From record {seq} on the server has another log of this device: an older copy of its"
            " folder was put back, or two copies are in use.",
            seq=seq,
        ),
        words(
            "Nothing is lost: {count} records wait here. Write them out with `fieldsync export"
            " records.json`, tell the office, and enrol anew in another folder (--home).",
            count=unsent,
        ),
        at_seq=seq,
    )


def check_pack(server_key: Ed25519PublicKey, row: FeedRow) -> None:
    """A rule pack counts only if the server signed it; until then the last good one stays in force."""
    if row.body is None or split_key(row.key)[0] != KeyKind.RULESET:
        return
    try:
        server_key.verify(
            base64url.decode(str(row.body["sig"])), RULESET_TAG + row.body["toml"].encode()
        )
    except (InvalidSignature, ValueError, KeyError) as error:
        raise ConflictError(
            "409.64",
            words("The conduct rules that came are not signed by the server this device trusts."),
            words("The rules of the last exchange stay in force. Tell the office."),
        ) from error
