"""One exchange with the server: the log up, the feed down, files after it, agreement proved at the end."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import ValidationError

from agent_cli.actions.apply_pull import apply_pull
from agent_cli.context import DeviceContext
from agent_cli.keys import from_text
from agent_cli.remote import Remote, not_ours
from agent_cli.store import journal, meta, staging
from agent_cli.store.clock_readings import note_server_time
from agent_cli.store.database import writing
from fieldsync.domain.codec import from_json
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.schemas.sync import SyncRequestSchema, SyncResponseSchema
from fieldsync.sync.feed import FeedRow, KeyKind, split_key
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    BATCH_OPERATIONS_MAX,
    RECEIPT_TAG,
    RULESET_TAG,
    Receipt,
    SyncRequest,
    SyncResponse,
)
from fieldsync.sync.operation import SignedOperation
from fieldsync.words import words

_SCOPE_GONE = 410
# What JSON adds around an operation's text; quotes and escapes cost about an eighth.
_ENVELOPE_BYTES = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """What an exchange has moved so far; `refreshed` tells that a full copy was taken."""

    sent: int = 0
    received: int = 0
    uploaded: int = 0
    refreshed: bool = False


def exchange(ctx: DeviceContext, remote: Remote, report: Callable[[Progress], None]) -> Progress:
    """Everything up and everything down. Whatever breaks off leaves the last whole state in force."""
    done = _exchange_log(ctx, remote, Progress(), report)
    uploaded = _upload(ctx, remote)
    if uploaded:
        done = replace(done, uploaded=uploaded)
        done = _exchange_log(ctx, remote, done, report)
    return done


def _exchange_log(
    ctx: DeviceContext, remote: Remote, done: Progress, report: Callable[[Progress], None]
) -> Progress:
    cursor = meta.read(ctx.conn, "cursor")
    whole = cursor is None
    restarted = False
    with writing(ctx.conn):
        staging.clear_staged(ctx.conn)
    while True:
        batch = _batch(ctx.conn)
        try:
            answer = _post(remote, SyncRequest(ctx.identity.device_id, cursor, batch))
        except ConflictError as error:
            if restarted or not _recover(ctx, error):
                raise
            restarted, whole, cursor = True, True, None
            continue
        _take(ctx, answer)
        cursor = answer.cursor
        done = replace(
            done, sent=done.sent + len(batch), received=done.received + len(answer.changes)
        )
        report(done)
        if not answer.complete or _batch(ctx.conn):
            continue
        if apply_pull(ctx, cursor, answer.digest, whole=whole):
            return replace(done, refreshed=done.refreshed or restarted)
        if restarted:
            raise _differ()
        restarted, whole, cursor = True, True, None


def _batch(conn: sqlite3.Connection) -> tuple[SignedOperation, ...]:
    """The next operations in the order of the log, within one request's limits."""
    size = 0
    chosen: list[SignedOperation] = []
    for signed in journal.unsent(conn, BATCH_OPERATIONS_MAX):
        size += len(signed.body.encode()) + _ENVELOPE_BYTES
        if chosen and size > BATCH_BYTES_MAX * 7 // 8:
            break
        chosen.append(signed)
    return tuple(chosen)


def _post(remote: Remote, request: SyncRequest) -> SyncResponse:
    data = remote.post("/api/v1/sync", SyncRequestSchema().dump(request))
    try:
        answer = SyncResponseSchema().load(data)
    except ValidationError as error:
        raise not_ours(remote.url) from error
    if not isinstance(answer, SyncResponse):
        raise TypeError("the schema makes a SyncResponse")
    return answer


def _take(ctx: DeviceContext, answer: SyncResponse) -> None:
    """Believe the receipt if it is the server's and of our own log; keep results and staged rows."""
    server_key = Ed25519PublicKey.from_public_bytes(from_text(ctx.identity.server_key))
    receipt = _verified(ctx, server_key, answer)
    for row in answer.changes:
        _check_pack(server_key, row)
    with writing(ctx.conn) as conn:
        journal.mark_stored(conn, receipt.head_seq)
        for result in answer.results:
            journal.mark_outcome(conn, result.op_id, result.outcome)
        staging.stage(conn, answer.changes)
        meta.write(conn, {"receipt": answer.receipt.body, "receipt_sig": answer.receipt.sig})
        note_server_time(conn, answer.server_time, ctx.clock)


def _check_pack(server_key: Ed25519PublicKey, row: FeedRow) -> None:
    """A rule pack counts only if the server signed it; until then the last good one stays in force."""
    if split_key(row.key)[0] is not KeyKind.RULESET or row.body is None:
        return
    try:
        server_key.verify(from_text(str(row.body["sig"])), RULESET_TAG + row.body["toml"].encode())
    except (InvalidSignature, ValueError, KeyError) as error:
        raise ConflictError(
            "409.64",
            words("The conduct rules that came are not signed by the server this device trusts."),
            words("The rules of the last exchange stay in force. Tell the office."),
        ) from error


def _verified(ctx: DeviceContext, server_key: Ed25519PublicKey, answer: SyncResponse) -> Receipt:
    try:
        server_key.verify(from_text(answer.receipt.sig), RECEIPT_TAG + answer.receipt.body.encode())
    except InvalidSignature as error:
        raise ConflictError(
            "409.61",
            words("The server's receipt is not signed by the server this device trusts."),
            words("Nothing was taken as delivered. Tell the office before you sync again."),
        ) from error
    receipt = from_json(answer.receipt.body, Receipt)
    known = (
        receipt.head_seq == 0 or journal.hash_at(ctx.conn, receipt.head_seq) == receipt.head_hash
    )
    if receipt.device_id != ctx.identity.device_id or not known:
        raise ConflictError(
            "409.62",
            words("The server holds another log for this device than the device itself."),
            words("Record nothing more on this device; the office must enrol it anew."),
            head_seq=receipt.head_seq,
        )
    return receipt


def _recover(ctx: DeviceContext, error: ConflictError) -> bool:
    """Whether the exchange may begin again: the scope is new, or the server lost some of our log."""
    if error.http_status == _SCOPE_GONE:
        return True
    head_seq = error.details.get("head_seq")
    own = journal.head(ctx.conn, ctx.identity.device_id)
    if not isinstance(head_seq, int) or not journal.is_stored_beyond(ctx.conn, head_seq):
        return False
    head_hash = error.details.get("head_hash")
    if (head_seq and journal.hash_at(ctx.conn, head_seq) != head_hash) or head_seq > own.seq:
        return False
    with writing(ctx.conn) as conn:
        journal.mark_unsent_after(conn, head_seq)
    return True


def _upload(ctx: DeviceContext, remote: Remote) -> int:
    """Send the files of stored records; one that is gone from this device is told by doctor."""
    uploaded = 0
    for sha256, media_type in journal.missing_files(ctx.conn):
        try:
            content = ctx.blobs.get(sha256)
        except NotFoundError:
            continue
        remote.put(f"/api/v1/blobs/{sha256}", content, media_type)
        with writing(ctx.conn) as conn:
            journal.mark_uploaded(conn, [sha256])
        uploaded += 1
    return uploaded


def _differ() -> ConflictError:
    return ConflictError(
        "409.63",
        words("After a full exchange this device and the server still hold different rows."),
        words("Your records are safe. Run `fieldsync doctor` and tell the office."),
    )
