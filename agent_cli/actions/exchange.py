"""One exchange with the server: the log up, the feed down, files after it, agreement proved at the end."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from marshmallow import ValidationError

from agent_cli.actions.apply_pull import apply_pull
from agent_cli.actions.trust import check_pack, parted, trusted_key, verified_receipt
from agent_cli.actions.upload import upload_files
from agent_cli.answers import not_ours
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import journal, meta, staging
from agent_cli.store.clock_readings import note_server_time
from agent_cli.store.database import writing
from fieldsync.errors import ConflictError, FieldsyncError
from fieldsync.schemas.sync import SyncRequestSchema, SyncResponseSchema
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    BATCH_OPERATIONS_MAX,
    SyncRequest,
    SyncResponse,
)
from fieldsync.sync.operation import SignedOperation, decode_body
from fieldsync.words import words

_SCOPE_GONE = 410
_CURSOR_UNKNOWN = "400.41"
_FORK = "409.42"
# What JSON adds around an operation's text; quotes and escapes cost about an eighth.
_ENVELOPE_BYTES = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """What an exchange has moved so far; `refreshed` tells that a full copy was taken.

    `lost` counts files the server still lacks and this device no longer holds whole.
    """

    sent: int = 0
    received: int = 0
    uploaded: int = 0
    refreshed: bool = False
    lost: int = 0


def exchange(ctx: DeviceContext, remote: Remote, report: Callable[[Progress], None]) -> Progress:
    """Everything up and everything down. Whatever breaks off leaves the last whole state in force."""
    done = _exchange_log(ctx, remote, Progress(), report)
    files = upload_files(ctx, remote)
    done = replace(done, uploaded=files.sent, lost=files.lost)
    return _exchange_log(ctx, remote, done, report) if files.sent else done


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
        except FieldsyncError as error:
            if restarted or not _recover(ctx, error):
                raise
            restarted, whole, cursor = True, True, None
            continue
        _take(ctx, answer, batch)
        if not answer.complete and answer.cursor == cursor and not batch:
            raise not_ours(remote.url)
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


def _take(ctx: DeviceContext, answer: SyncResponse, batch: tuple[SignedOperation, ...]) -> None:
    """Believe the receipt if it is the server's and of our own log; then keep the page aside."""
    receipt = verified_receipt(ctx, answer)
    if batch and receipt.head_seq < decode_body(batch[-1].body).seq:
        raise _not_taken(receipt.head_seq)
    with writing(ctx.conn) as conn:
        journal.mark_stored(conn, receipt.head_seq)
        for result in answer.results:
            journal.mark_outcome(conn, result.op_id, result.outcome)
        meta.write(conn, {"receipt": answer.receipt.body, "receipt_sig": answer.receipt.sig})
        note_server_time(conn, answer.server_time, ctx.clock)
    if journal.is_stored_beyond(ctx.conn, receipt.head_seq):
        _give_back(ctx, receipt.head_seq)
    server_key = trusted_key(ctx)
    for row in answer.changes:
        check_pack(server_key, row)
    with writing(ctx.conn) as conn:
        staging.stage(conn, answer.changes)


def _recover(ctx: DeviceContext, error: FieldsyncError) -> bool:
    """Whether the exchange may begin again: the scope is new, or the server lost some of our log.

    ConflictError 409.65 in place of the server's own where its log and ours part.
    """
    if error.http_status == _SCOPE_GONE or error.code == _CURSOR_UNKNOWN:
        return True
    head_seq, head_hash = error.details.get("head_seq"), error.details.get("head_hash")
    if not isinstance(error, ConflictError) or not isinstance(head_seq, int):
        return False
    ours = not head_seq or journal.hash_at(ctx.conn, head_seq) == head_hash
    if error.code == _FORK or not ours:
        raise parted(ctx, _int_of(error.details.get("at_seq"), head_seq)) from error
    if not journal.is_stored_beyond(ctx.conn, head_seq):
        return False
    _give_back(ctx, head_seq)
    return True


def _give_back(ctx: DeviceContext, head_seq: int) -> None:
    """The server was restored from an older copy: send again what it lost.

    ConflictError 409.66 where some of it has left this device with its case.
    """
    if not journal.is_whole_after(ctx.conn, head_seq):
        raise ConflictError(
            "409.66",
            words(
                "The server has lost records after number {seq}, and this device no longer holds all"
                " of them.",
                seq=head_seq,
            ),
            words("Your newer records stay here. The office must restore a newer backup."),
            head_seq=head_seq,
        )
    with writing(ctx.conn) as conn:
        journal.mark_unsent_after(conn, head_seq)


def _not_taken(head_seq: int) -> ConflictError:
    return ConflictError(
        "409.67",
        words("The server answered without having stored the records that were sent."),
        words("They stay on this device. Sync again; if it stays so, tell the office."),
        head_seq=head_seq,
    )


def _int_of(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _differ() -> ConflictError:
    return ConflictError(
        "409.63",
        words("After a full exchange this device and the server still hold different rows."),
        words("Your records are safe. Run `fieldsync doctor` and tell the office."),
    )
