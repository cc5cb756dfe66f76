"""Makes a complete pull visible: rows, overlay and cursor in one transaction, then what has left goes."""

import json
from enum import Enum, auto

from agent_cli.actions.let_go import let_files_go, let_go
from agent_cli.actions.settle_packs import settle_packs
from agent_cli.actions.trust import trusted_key
from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.store import applying, journal, leaving, meta, mirror, packs, revisions, staging
from agent_cli.store.database import empty_wal, writing
from agent_cli.store.staging import Place
from fieldsync.domain.codec import from_builtins
from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import KeyKind
from fieldsync.sync.outcome import Outcome


class Applied(Enum):
    """What came of a pull: visible and agreed, or nothing applied since the digests differ.

    OVERTAKEN: another process of this device has read on meanwhile; nothing was applied here.
    """

    AGREED = auto()
    DIFFERED = auto()
    OVERTAKEN = auto()


class _DigestsDifferError(Exception):
    """Raised and caught here, so that the transaction is rolled back."""


def apply_pull(ctx: DeviceContext, reached: Place, digest: Digest | None) -> Applied:
    """Show the staged rows if both sides then agree; where they do not, they stay staged."""
    try:
        with writing(ctx.conn) as conn:
            if staging.place(conn) != reached:
                return Applied.OVERTAKEN
            rules_before = packs.bodies_in_force(conn)
            gone = _show(conn, whole=reached.whole)
            _compare(conn, digest)
            settle_packs(conn, trusted_key(ctx), rules_before, ctx.clock.now().date())
            _take_results(conn)
            revisions.carry_over(conn)
            revisions.take_partners(conn)
            leaving.drop_covered(conn)
            left = let_go(ctx)
            meta.write(conn, {"cursor": reached.cursor or ""})
    except _DigestsDifferError:
        return Applied.DIFFERED
    let_files_go(ctx, left.files)
    if gone or left.records:
        empty_wal(ctx.conn)
    return Applied.AGREED


def _show(conn: sqlite3.Connection, *, whole: bool) -> int:
    """How many rows have left; what a full copy does not name has left the scope."""
    kept = staging.staged_keys(conn)
    gone = applying.apply_staged(conn)
    if whole:
        gone += applying.remove_all_but(conn, kept)
    staging.forget(conn)
    return gone


def _compare(conn: sqlite3.Connection, digest: Digest | None) -> None:
    if digest is not None and applying.live_digest(conn) != digest:
        raise _DigestsDifferError


def _take_results(conn: sqlite3.Connection) -> None:
    """What the office decided since: each `op_result` row carries the outcome of one operation."""
    for key in mirror.names(conn, KeyKind.OP_RESULT):
        body = json.loads(mirror.body(conn, f"{KeyKind.OP_RESULT.value}:{key}") or "{}")
        journal.mark_outcome(conn, key, from_builtins(body.get("outcome", body), Outcome))
