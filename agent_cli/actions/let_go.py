"""Lets go of what is the officer's no more: sealed to the server, so that a restored one gets it back."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from agent_cli.actions.outgoing import RECEIPT
from agent_cli.actions.trust import is_signed, trusted_key
from agent_cli.config import sound_value
from agent_cli.context import SEALED_FOLDER, DeviceContext
from agent_cli.store import leaving, meta, mirror
from fieldsync.adapters.durable import sync_folder, write_whole
from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.domain import base64url
from fieldsync.domain.codec import from_builtins
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.sealing import SEAL_NAME, forgotten_before

_KEY = feed_key(KeyKind.SERVER, SEAL_NAME)
Seal = Callable[[bytes], bytes]


def sealed_blobs(ctx: DeviceContext) -> LocalBlobs:
    """The sealed copies of files, by the SHA-256 of what was sealed."""
    return LocalBlobs(ctx.home / SEALED_FOLDER)


@dataclass(frozen=True, slots=True)
class Gone:
    """How many records' content has left, and the SHA-256 of the files to delete after the commit."""

    records: int
    files: tuple[str, ...]


def let_go(ctx: DeviceContext) -> Gone:
    """Take the content of records away, in the caller's transaction, and forget what was kept long enough.

    Times are the server's, by its newest receipt: a device's own clock may be wrong.
    """
    conn = ctx.conn
    seal = seal_of(ctx) if (left := leaving.records_left(conn)) else None
    for record in left:
        if seal is not None:
            sealed = base64url.encode(seal(record.body.encode()))
            leaving.let_go(conn, record.op_id, sealed)
        elif record.is_settled:
            leaving.let_go(conn, record.op_id, None)
    now = _told_time(ctx)
    if now is not None:
        days = int(sound_value(ctx.home, "sealed_days"))
        leaving.forget_sealed(conn, _stamp(forgotten_before(now, days)))
        leaving.date_sealed(conn, _stamp(now))
    return Gone(len(left), leaving.drop_files(conn))


def let_files_go(ctx: DeviceContext, dropped: tuple[str, ...]) -> None:
    """Delete these files, and seal those that only sealed records name; done again it changes nothing."""
    for sha256 in dropped:
        for blobs in (ctx.blobs, sealed_blobs(ctx)):
            blobs.path(sha256).unlink(missing_ok=True)
    still_open = [s for s in leaving.files_to_seal(ctx.conn) if ctx.blobs.has(s)]
    seal = seal_of(ctx) if still_open else None
    if seal is not None:
        # On a full disk files wait open: the exchange itself is done, and the next one comes here again.
        with suppress(OSError):
            for sha256 in still_open:
                _seal_file(ctx, sha256, seal)


def _seal_file(ctx: DeviceContext, sha256: str, seal: Seal) -> None:
    target = sealed_blobs(ctx).path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(target.parents[1])
    write_whole(target, (seal(ctx.blobs.get(sha256)),))
    ctx.blobs.path(sha256).unlink()


def seal_of(ctx: DeviceContext) -> Seal | None:
    """How to seal to the server; None where it has told no key, or one that it did not sign."""
    body = json.loads(mirror.body(ctx.conn, _KEY) or "null")
    if body is None or not is_signed(trusted_key(ctx), FeedRow(_KEY, FeedOp.PUT, 0, body)):
        return None
    # Only an exchange after which something leaves waits for libsodium.
    from nacl.public import PublicKey, SealedBox

    return SealedBox(PublicKey(base64url.decode(body["key"]))).encrypt


def _told_time(ctx: DeviceContext) -> datetime | None:
    told = json.loads(meta.read(ctx.conn, RECEIPT) or "{}").get("time")
    return None if told is None else from_builtins(told, datetime)


def _stamp(at: datetime) -> str:
    """Texts that are in the order of the times they tell."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
