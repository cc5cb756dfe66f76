"""Sends the files of stored records; whatever breaks off is sent again by the next exchange."""

import hashlib
from dataclasses import dataclass

from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import journal
from agent_cli.store.database import writing
from fieldsync.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How many files the server has now, and how many this device no longer holds whole."""

    sent: int
    lost: int


def upload_files(ctx: DeviceContext, remote: Remote) -> Uploaded:
    """Send what the server lacks, each file noted as soon as the server has it."""
    sent = lost = 0
    for sha256, media_type in journal.missing_files(ctx.conn):
        content = _whole(ctx, sha256)
        if content is None:
            lost += 1
            continue
        remote.put_file(sha256, content, media_type)
        with writing(ctx.conn) as conn:
            journal.mark_uploaded(conn, [sha256])
        sent += 1
    return Uploaded(sent, lost)


def _whole(ctx: DeviceContext, sha256: str) -> bytes | None:
    """The file, or None where it is gone or no longer what was recorded."""
    try:
        content = ctx.blobs.get(sha256)
    except NotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
