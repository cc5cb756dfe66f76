"""Makes a complete pull visible: rows, overlay and cursor in one transaction, then unowned files go."""

import json
import sqlite3

from agent_cli.context import DeviceContext
from agent_cli.store import applying, journal, leaving, meta, mirror, staging
from agent_cli.store.database import writing
from fieldsync.domain.codec import from_builtins
from fieldsync.sync.digest import Digest
from fieldsync.sync.feed import KeyKind
from fieldsync.sync.outcome import Outcome


class _DigestsDifferError(Exception):
    """Raised and caught here, so that the transaction is rolled back."""


def apply_pull(ctx: DeviceContext, cursor: str, digest: Digest | None, *, whole: bool) -> bool:
    """Whether device and server now agree; where they do not, nothing was applied.

    `whole`: the staged rows are a full snapshot, so what they do not name has left the scope.
    """
    try:
        with writing(ctx.conn) as conn:
            kept = staging.staged_keys(conn)
            unowned = applying.apply_staged(conn)
            if whole:
                unowned += applying.remove_all_but(conn, kept)
            _compare(conn, digest)
            _take_results(conn)
            leaving.drop_covered(conn)
            meta.write(conn, {"cursor": cursor})
    except _DigestsDifferError:
        with writing(ctx.conn) as conn:
            staging.clear_staged(conn)
        return False
    for sha256 in unowned:
        ctx.blobs.path(sha256).unlink(missing_ok=True)
    return True


def _compare(conn: sqlite3.Connection, digest: Digest | None) -> None:
    if digest is not None and applying.live_digest(conn) != digest:
        raise _DigestsDifferError


def _take_results(conn: sqlite3.Connection) -> None:
    """What the office decided since: each `op_result` row carries the outcome of one operation."""
    for key in mirror.names(conn, KeyKind.OP_RESULT):
        body = json.loads(mirror.body(conn, f"{KeyKind.OP_RESULT.value}:{key}") or "{}")
        journal.mark_outcome(conn, key, from_builtins(body.get("outcome", body), Outcome))
