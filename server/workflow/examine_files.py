"""Examines where received files are kept: reachable, complete, and each what it is named."""

import hashlib

from sqlalchemy import select

from fieldsync.domain.check import Check, Level
from fieldsync.errors import UnreachableError
from fieldsync.ports import BlobStore
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import blobs

_SAMPLE = 50
# Kept in a bucket to see that it can be written to and read.
_PROBE = b"fieldsync-server doctor\n"


def check_files(ctx: ServerContext) -> Check:
    """Every file of a folder is looked for; of a bucket, the newest fifty, since each look costs a request."""
    with reading(ctx.engine) as conn:
        known = list(
            conn.execute(select(blobs.c.sha256).order_by(blobs.c.received_at.desc())).scalars()
        )
    in_bucket = bool(ctx.config.blobs_url)
    try:
        if in_bucket:
            ctx.blobs.get(ctx.blobs.put(_PROBE))
        looked_for = known[:_SAMPLE] if in_bucket else known
        lost = [name for name in looked_for if not ctx.blobs.has(name)]
        spoilt = [n for n in known[:_SAMPLE] if n not in lost and not _is_whole(ctx.blobs, n)]
    except UnreachableError as error:
        return Check(
            "files",
            Level.FAIL,
            error.message,
            words("Check the bucket, its endpoint and the credentials in the environment."),
        )
    if lost or spoilt:
        return Check(
            "files",
            Level.FAIL,
            words("{count} received files are missing or changed.", count=len(lost) + len(spoilt)),
            words("Restore the bucket from your backup.")
            if in_bucket
            else words("Restore the folder `blobs` from your backup."),
        )
    return Check("files", Level.OK, words("{count} received files are here.", count=len(known)))


def _is_whole(store: BlobStore, name: str) -> bool:
    return hashlib.sha256(store.get(name)).hexdigest() == name
