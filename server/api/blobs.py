"""`/api/v1/blobs/<sha256>`: a whole file up, or back down to its owner."""

import re

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from fieldsync.errors import InputError
from fieldsync.words import words
from server.api.authentication import signed_by_device
from server.api.context import server
from server.api.reading import raw_body
from server.workflow.keep_file import get_file, keep_file

blueprint = Blueprint("blobs", __name__)
LIMIT_BYTES = 20 << 20


@blueprint.put("/api/v1/blobs/<sha256>")
def put_blob(sha256: str) -> ResponseReturnValue:
    """Keep the file: 201 where it is new, 200 where it was here."""
    raw = raw_body(LIMIT_BYTES)
    device = signed_by_device(raw)
    is_new = keep_file(server(), device, _name(sha256), raw)
    return {"sha256": sha256, "size": len(raw)}, 201 if is_new else 200


@blueprint.get("/api/v1/blobs/<sha256>")
def get_blob(sha256: str) -> ResponseReturnValue:
    """The file, as plain bytes: nothing on the server's address may ever be run by a browser."""
    device = signed_by_device(raw_body(0))
    content = get_file(server(), device, _name(sha256))
    return Response(content, mimetype="application/octet-stream")


def _name(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InputError("400.47", words("A file's name is its SHA-256 in lower-case hex."))
    return sha256
