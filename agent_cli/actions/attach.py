"""Takes photos, recordings and documents into the device's folder, so that a record can name them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent_cli.context import DeviceContext
from fieldsync.domain.media import media_type_of
from fieldsync.errors import InputError
from fieldsync.sync.files import FILE_BYTES_MAX
from fieldsync.sync.operation import AttachmentRef
from fieldsync.words import words

# What one record may name.
_FILES_MAX = 20
_HEAD_BYTES = 16


def attach(ctx: DeviceContext, paths: Sequence[Path]) -> tuple[AttachmentRef, ...]:
    """Copy the files durably into the device's folder; call it before the record that names them.

    Errors as in `read_whole`.
    """
    found: dict[str, AttachmentRef] = {}
    for _path, content, kind in read_whole(paths):
        sha256 = ctx.blobs.put(content)
        found[sha256] = AttachmentRef(sha256, len(content), kind)
    return tuple(found.values())


def read_whole(paths: Sequence[Path]) -> Iterator[tuple[Path, bytes, str]]:
    """Each file with its content and media type; all are looked at before one is read.

    InputError 600.31 (too many), 600.32 (empty), 600.33 (over 20 MB), 600.34 (neither photo, recording
    nor PDF). OSError where a file cannot be read.
    """
    if len(paths) > _FILES_MAX:
        raise InputError(
            "600.31",
            words("One record may name {most} files.", most=_FILES_MAX),
            words("Attach the others to another note."),
        )
    kinds = [kind_of(path) for path in paths]
    return ((path, path.read_bytes(), kind) for path, kind in zip(paths, kinds, strict=True))


def kind_of(path: Path, most: int = FILE_BYTES_MAX) -> str:
    """The media type by the file's own bytes; its name says nothing. `most` is in bytes."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise InputError("600.32", words("{file} is empty.", file=path.name))
    if path.stat().st_size > most:
        raise InputError(
            "600.33",
            words("{file} is larger than {limit} MB.", file=path.name, limit=FILE_BYTES_MAX >> 20),
            words("Take a smaller picture or a shorter recording."),
        )
    kind = media_type_of(head)
    if kind is None:
        raise InputError(
            "600.34",
            words("{file} is neither a photo, a recording nor a PDF.", file=path.name),
            words("Attach JPEG, PNG, HEIC, WebP, PDF, M4A, MP3, Ogg, WAV, AMR or MP4."),
        )
    return kind
