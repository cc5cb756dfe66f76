"""Takes a file chunk by chunk (tus 1.0) and keeps it once it is whole and what its name stands for."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from fieldsync.errors import ConflictError, FieldsyncError, InputError, NotFoundError
from fieldsync.sync.files import FILE_BYTES_MAX
from fieldsync.sync.sealing import SEAL_BYTES
from fieldsync.words import words
from server.context import ServerContext
from server.security.sealing import open_bytes
from server.store import disk_errors
from server.store.devices import Device
from server.store.partial_files import Partial, PartialFile, expired, partial_of
from server.workflow.keep_file import NamedFile, named_file, note_kept

# An officer may be without a network for days; nobody waits longer for half a photo.
KEPT = timedelta(days=7)
# Each chunk is a file: 20 MB in pieces of 5 kB is as fine as it gets.
_CHUNKS_MAX = 4096
_SEND_AGAIN = words("Ask how much has arrived, and go on from there.")


@dataclass(frozen=True, slots=True)
class Upload:
    """Where an upload stands: `offset` of `size` bytes are on the disk; no `expires_at` once it is whole."""

    size: int
    offset: int
    expires_at: datetime | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A digest that a chunk must have, and what is raised where it has another."""

    algorithm: str
    digest: bytes
    fault: FieldsyncError


@dataclass(frozen=True, slots=True)
class Chunk:
    """Content for one place of a file."""

    offset: int
    pieces: Iterable[bytes]
    sums: Sequence[Sum] = ()


def begin(ctx: ServerContext, device: Device, sha256: str, size: int) -> Upload:
    """Begin an upload, or find the one that was begun: asking again changes nothing but its time.

    NotFoundError 404.43, InputError 413.2 (too large), 422.62 (another size than the record says).
    """
    named = named_file(ctx, device, sha256)
    if size > FILE_BYTES_MAX and not _is_sealed(named, size):
        raise InputError(
            "413.2",
            words("A file may have {limit} MB at most.", limit=FILE_BYTES_MAX >> 20),
            words("Take a smaller picture or a shorter recording."),
        )
    if size not in named.sizes and not _is_sealed(named, size):
        raise InputError(
            "422.62",
            words("The record says that this file has {size} bytes.", size=named.sizes[0]),
            words("Send the file the record names."),
        )
    if named.kept is not None:
        return _whole(size)
    now = ctx.clock.now()
    upload = _partial(ctx, device, sha256)
    with disk_errors.told():
        expired(ctx.config.uploads, now, upload.folder.parent.name)
        with upload.held():
            known = upload.look()
            if known is None or known.size != size:
                upload.drop()
            upload.begin(size, now + KEPT)
            return _standing(ctx, device, named, upload, is_new=known is None)


def look(ctx: ServerContext, device: Device, sha256: str) -> Upload:
    """How much of it is here; NotFoundError 404.48 where no upload was begun, or its time is over."""
    named = named_file(ctx, device, sha256)
    if named.kept is not None:
        return _whole(named.kept)
    upload = _partial(ctx, device, sha256)
    with disk_errors.told(), upload.held():
        return _standing(ctx, device, named, upload)


def append(ctx: ServerContext, device: Device, sha256: str, chunk: Chunk) -> Upload:
    """Take one chunk: all of it, synced, or nothing of it.

    ConflictError 409.57 where it begins elsewhere than what is here ends; InputError 413.2 or 413.3
    where it goes beyond the file or the pieces become too many; the chunk's own fault where it does
    not have the digest it was sent with; 422.61 where the whole file is not what it is named: then
    the upload is dropped.
    """
    named = named_file(ctx, device, sha256)
    if named.kept is not None:
        _check_place(chunk.offset, named.kept)
        return _whole(named.kept)
    upload = _partial(ctx, device, sha256)
    with disk_errors.told():
        with upload.held():
            _known(ctx, upload)
        # Received before the lock is taken: a slow line keeps nobody waiting.
        with upload.aside() as file:
            length = _receive(chunk, file)
            with upload.held():
                known = _known(ctx, upload)
                _check_place(chunk.offset, known.offset)
                _check_room(known, length)
                if length:
                    upload.add(file, chunk.offset, length)
                return _standing(ctx, device, named, upload)


def drop(ctx: ServerContext, device: Device, sha256: str) -> None:
    """Forget an unfinished upload; NotFoundError 404.48 where there is none. A whole file stays."""
    named_file(ctx, device, sha256)
    upload = _partial(ctx, device, sha256)
    with disk_errors.told(), upload.held():
        _known(ctx, upload)
        upload.drop()


def drop_expired(ctx: ServerContext) -> int:
    """Forget every upload whose time is over; how many there were."""
    with disk_errors.told():
        return expired(ctx.config.uploads, ctx.clock.now())


def _standing(
    ctx: ServerContext,
    device: Device,
    named: NamedFile,
    upload: PartialFile,
    *,
    is_new: bool = False,
) -> Upload:
    """Where the held upload stands; one that has all its bytes is kept for good here, or dropped.

    Whoever asks first does it: the process that took the last chunk may have died before it could.
    """
    known = _known(ctx, upload)
    if known.offset < known.size:
        return Upload(known.size, known.offset, known.expires_at, is_new)
    try:
        ctx.blobs.put_pieces(named.sha256, _content(ctx, named, upload, known.size))
    except InputError:
        upload.drop()
        raise
    sealing = SEAL_BYTES if _is_sealed(named, known.size) else 0
    note_kept(ctx, device, named, known.size - sealing)
    upload.drop()
    return _whole(known.size)


def _content(
    ctx: ServerContext, named: NamedFile, upload: PartialFile, size: int
) -> Iterable[bytes]:
    """The file that has arrived; a sealed one can only be opened whole, and is 20 MB at most."""
    if not _is_sealed(named, size):
        return upload.pieces()
    return (open_bytes(ctx.keys.seals, b"".join(upload.pieces())),)


def _is_sealed(named: NamedFile, size: int) -> bool:
    """Whether this is the file as it leaves a device with its case: sealing makes it longer by a fixed amount."""
    return size not in named.sizes and size - SEAL_BYTES in named.sizes


def _whole(size: int) -> Upload:
    return Upload(size, size, None)


def _partial(ctx: ServerContext, device: Device, sha256: str) -> PartialFile:
    return partial_of(ctx.config.uploads, device.officer.officer_id, sha256)


def _known(ctx: ServerContext, upload: PartialFile) -> Partial:
    known = upload.look()
    if known is None or known.expires_at < ctx.clock.now():
        raise NotFoundError(
            "404.48",
            words("No upload of this file is under way."),
            words("Begin it again: POST /api/v1/files."),
        )
    return known


def _check_place(given: int, offset: int) -> None:
    if given != offset:
        raise ConflictError(
            "409.57",
            words("The upload stands at {offset}, not at {given}.", offset=offset, given=given),
            _SEND_AGAIN,
            offset=offset,
        )


def _check_room(known: Partial, length: int) -> None:
    if known.offset + length > known.size:
        raise InputError(
            "413.4",
            words("The chunk goes beyond the end of the file ({size} bytes).", size=known.size),
            _SEND_AGAIN,
        )
    if known.chunks >= _CHUNKS_MAX:
        raise InputError(
            "413.3",
            words("The file came in too many pieces."),
            words("Delete the upload, and send 64 kB or more at a time."),
        )


def _receive(chunk: Chunk, file: BinaryIO) -> int:
    """Write the chunk down and return its length; raises its fault where a digest is another one."""
    running = [hashlib.new(one.algorithm, usedforsecurity=False) for one in chunk.sums]
    length = 0
    for piece in chunk.pieces:
        length += file.write(piece)
        for digest in running:
            digest.update(piece)
    for one, digest in zip(chunk.sums, running, strict=True):
        if digest.digest() != one.digest:
            raise one.fault
    return length
