"""What an enrolled device asks of tus, header by header."""

import base64
import hashlib
from collections.abc import Mapping

from werkzeug.test import TestResponse

from fieldsync.sync.files import CHUNK_TYPE
from tests.server.field_device import FieldDevice

ROOT = "/api/v1/files"


def sha_of(content: bytes) -> str:
    """The name of a file."""
    return hashlib.sha256(content).hexdigest()


def b64(raw: bytes) -> str:
    """As tus writes bytes in headers."""
    return base64.b64encode(raw).decode()


def checksum(content: bytes, algorithm: str = "sha256") -> Mapping[str, str]:
    """The header Upload-Checksum."""
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {b64(digest)}"}


def note_with(device: FieldDevice, *files: bytes) -> str:
    """Record and sync a note that names the files; its id."""
    op_id = device.record(
        "visit.note", "C-1", {"visit_id": "V-1", "text": "the door"}, files=files
    ).op_id
    device.sync()
    return op_id


def tus(
    device: FieldDevice,
    method: str,
    path: str,
    content: bytes = b"",
    *,
    content_type: str = "",
    **headers: str,
) -> TestResponse:
    """A signed request of tus 1.0.0; `upload_offset=` is the header Upload-Offset."""
    extra = {"Tus-Resumable": "1.0.0"}
    extra |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    return device.send(method, path, content, content_type=content_type, extra=extra)


def create(device: FieldDevice, content: bytes, *, size: int | None = None) -> TestResponse:
    """Begin the upload of a file."""
    length = str(len(content) if size is None else size)
    name = b64(sha_of(content).encode())
    return tus(device, "POST", ROOT, upload_length=length, upload_metadata=f"sha256 {name}")


def patch(
    device: FieldDevice, sha256: str, offset: int, chunk: bytes, **headers: str
) -> TestResponse:
    """Send a chunk."""
    return tus(
        device,
        "PATCH",
        f"{ROOT}/{sha256}",
        chunk,
        content_type=CHUNK_TYPE,
        upload_offset=str(offset),
        **headers,
    )


def head(device: FieldDevice, sha256: str) -> TestResponse:
    """Ask how much is there."""
    return tus(device, "HEAD", f"{ROOT}/{sha256}")
