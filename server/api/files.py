"""`/api/v1/files`: files in chunks by tus 1.0, so that a broken line costs one chunk at most."""

from collections.abc import Iterator
from email.utils import format_datetime

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from fieldsync.adapters.request_signatures import not_signed
from fieldsync.errors import InputError
from fieldsync.sync.files import CHECKSUMS, FILE_BYTES_MAX, TUS_HEADER, TUS_VERSION
from fieldsync.words import words
from server.api import tus_headers
from server.api.authentication import signed_by_device, signed_stream
from server.api.context import server
from server.api.reading import raw_body
from server.workflow import keep_upload
from server.workflow.keep_upload import Chunk, Sum, Upload

blueprint = Blueprint("files", __name__)
_ROOT = "/api/v1/files"
_ONE = f"{_ROOT}/<sha256>"
_EXTENSIONS = "creation,checksum,expiration,termination"
_PIECE_BYTES = 64 << 10
_GONE = 412


@blueprint.route(_ROOT, methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route(_ONE, methods=["OPTIONS"], provide_automatic_options=False)
def ask(sha256: str = "") -> Response:
    """What of tus is spoken here."""
    _ = sha256
    response = _empty(204)
    response.headers["Tus-Version"] = TUS_VERSION
    response.headers["Tus-Extension"] = _EXTENSIONS
    response.headers["Tus-Max-Size"] = str(FILE_BYTES_MAX)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


@blueprint.post(_ROOT)
def create() -> Response:
    """Begin an upload (201), or find the one that was begun (200); the answer says how much is here."""
    tus_headers.check_version()
    device = signed_by_device(raw_body(0))
    sha256 = tus_headers.named_sha256()
    found = keep_upload.begin(server(), device, sha256, tus_headers.number_in("Upload-Length"))
    response = _standing(201 if found.is_new else 200, found)
    response.headers["Location"] = f"{_ROOT}/{sha256}"
    return response


@blueprint.route(_ONE, methods=["HEAD"])
def look(sha256: str) -> Response:
    """How much of the file is here."""
    tus_headers.check_version()
    device = signed_by_device(raw_body(0))
    found = keep_upload.look(server(), device, tus_headers.sha256_of(sha256))
    response = _standing(200, found)
    response.headers["Upload-Length"] = str(found.size)
    return response


@blueprint.patch(_ONE)
def append(sha256: str) -> Response:
    """Take the next chunk, read as a stream: it is never in memory as a whole."""
    tus_headers.check_version()
    tus_headers.check_chunk_type()
    offset, sums = tus_headers.number_in("Upload-Offset"), tus_headers.checksum()
    device, signed_sha256 = signed_stream()
    whole = Sum("sha256", signed_sha256, not_signed())
    chunk = Chunk(offset, _pieces(), (*sums, whole))
    found = keep_upload.append(server(), device, tus_headers.sha256_of(sha256), chunk)
    return _standing(204, found)


@blueprint.delete(_ONE)
def drop(sha256: str) -> Response:
    """Forget an unfinished upload."""
    tus_headers.check_version()
    device = signed_by_device(raw_body(0))
    keep_upload.drop(server(), device, tus_headers.sha256_of(sha256))
    return _empty(204)


@blueprint.after_request
def speak_tus(response: Response) -> Response:
    """The headers every answer has; what was not read of a request is read away: its sender must listen."""
    response.headers[TUS_HEADER] = TUS_VERSION
    if response.status_code == _GONE:
        response.headers["Tus-Version"] = TUS_VERSION
    _read_away()
    return response


def _read_away() -> None:
    request.max_content_length = None
    left = FILE_BYTES_MAX
    try:
        while left > 0 and (piece := request.stream.read(_PIECE_BYTES)):
            left -= len(piece)
    except (BadRequest, RequestEntityTooLarge, OSError):
        return  # the sender is gone, or goes on for longer than anybody listens


def _pieces() -> Iterator[bytes]:
    """The body as it comes in; InputError 413.2 where it is larger than any file may be."""
    length = 0
    while piece := request.stream.read(_PIECE_BYTES):
        length += len(piece)
        if length > FILE_BYTES_MAX:
            raise InputError(
                "413.2",
                words("A file may have {limit} MB at most.", limit=FILE_BYTES_MAX >> 20),
                words("Take a smaller picture or a shorter recording."),
            )
        yield piece


def _standing(status: int, found: Upload) -> Response:
    response = _empty(status)
    response.headers["Upload-Offset"] = str(found.offset)
    if found.expires_at is not None:
        response.headers["Upload-Expires"] = format_datetime(found.expires_at, usegmt=False)
    return response


def _empty(status: int) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
