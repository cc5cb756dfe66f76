"""Sends the files of stored records; whatever breaks off goes on from there at the next exchange."""

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from agent_cli.actions.let_go import sealed_blobs
from agent_cli.actions.portions import Portions
from agent_cli.actions.tus import Tus
from agent_cli.config import sound_value
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import journal
from agent_cli.store.database import writing
from fieldsync.errors import FieldsyncError, InputError, NotFoundError

# The server takes a file in 4096 pieces at most, and each has a signed head of 1 kB.
_CHUNK_BYTES_LEAST = 8 << 10
# A sealed copy that is spoilt, or sealed to a key that the server has no more.
_DOES_NOT_OPEN = "400.51"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How many files the server has now, and how many this device no longer holds whole."""

    sent: int
    lost: int


def upload_files(ctx: DeviceContext, remote: Remote) -> Uploaded:
    """Send what the server lacks, each file noted as soon as the server has it.

    A file that the server refuses keeps no other back: the refusal is raised after the last one.
    """
    sent = lost = 0
    refusal: FieldsyncError | None = None
    most = int(sound_value(ctx.home, "chunk_kib")) << 10
    tus = Tus(remote, Portions(ctx.conn, "chunk", _CHUNK_BYTES_LEAST, most))
    for sha256, media_type in journal.missing_files(ctx.conn):
        found = _found(ctx, sha256)
        if found is None:
            lost += 1
            continue
        try:
            with found as file:
                _send(tus, file, sha256, media_type)
        except (InputError, NotFoundError) as error:
            if error.code == _DOES_NOT_OPEN:
                lost += 1
                continue
            refusal = refusal or error
            continue
        with writing(ctx.conn) as conn:
            journal.mark_uploaded(conn, [sha256])
        sent += 1
    if refusal is not None:
        raise refusal
    return Uploaded(sent, lost)


def _send(tus: Tus, file: BinaryIO, sha256: str, media_type: str) -> None:
    if not tus.send(file, sha256):
        # The server is of protocol 1 and takes files only whole.
        file.seek(0)
        tus.remote.put_file(sha256, file.read(), media_type)


def _found(ctx: DeviceContext, sha256: str) -> BinaryIO | None:
    """The file if it is still what was recorded, or its sealed copy, which only the server can check."""
    content = ctx.blobs.whole(sha256)
    if content is not None:
        return BytesIO(content)
    sealed = sealed_blobs(ctx).path(sha256)
    return sealed.open("rb") if sealed.is_file() else None
