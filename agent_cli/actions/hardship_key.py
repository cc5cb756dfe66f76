"""The hardship team's public key as the server told it, and how copies of papers are sealed to it."""

import json
from collections.abc import Sequence
from pathlib import Path

from agent_cli.actions.attach import read_whole
from agent_cli.actions.trust import is_signed, trusted_key
from agent_cli.context import DeviceContext
from agent_cli.store import mirror
from fieldsync.adapters.hardship_seal import seal_bytes
from fieldsync.domain.disclosure import CopiedPaper
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.operation import AttachmentRef
from fieldsync.sync.sealing import HARDSHIP_SEAL_NAME

_KEY = feed_key(KeyKind.SERVER, HARDSHIP_SEAL_NAME)
_SEALED_TYPE = "application/octet-stream"


def hardship_key(ctx: DeviceContext) -> str | None:
    """The key to seal to (base64url); None where the server told none, or one that it did not sign."""
    body = json.loads(mirror.body(ctx.conn, _KEY) or "null")
    if body is None or not is_signed(trusted_key(ctx), FeedRow(_KEY, FeedOp.PUT, 0, body)):
        return None
    return str(body["key"])


def copy_sealed(
    ctx: DeviceContext, key: str, paths: Sequence[Path]
) -> tuple[tuple[CopiedPaper, ...], tuple[AttachmentRef, ...]]:
    """Keep each file sealed to the team, in no other form; errors as in `attach.read_whole`."""
    papers, named = [], []
    for path, content, kind in read_whole(paths):
        sealed = seal_bytes(key, content)
        sha256 = ctx.blobs.put(sealed)
        papers.append(CopiedPaper(sha256, path.name, kind))
        named.append(AttachmentRef(sha256, len(sealed), _SEALED_TYPE))
    return tuple(papers), tuple(named)
