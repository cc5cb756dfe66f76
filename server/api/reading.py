"""Reads a request's body: limited, unpacked, one JSON object, checked by a schema."""

import zlib
from collections.abc import Callable
from typing import Any

import msgspec
from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from fieldsync.errors import InputError
from fieldsync.words import words

_GZIP = 16 + zlib.MAX_WBITS
_ONE_OBJECT = words("Send one JSON object in UTF-8.")


def raw_body(limit: int) -> bytes:
    """The content as it came over the wire; InputError 413.1 where it is larger than `limit` bytes."""
    # A stream that may go no further cannot be told from one that ends here: so one byte more may come.
    request.max_content_length = limit + 1
    try:
        raw = request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise too_large(limit) from error
    if len(raw) > limit:
        raise too_large(limit)
    return raw


def json_body(
    raw: bytes, schema: Schema, limit: int, quick: Callable[[bytes], Any] | None = None
) -> Any:
    """What the schema makes of the body; `quick` may know a sound one at a glance.

    InputError 415.1 or 415.2 for another type or encoding, 400.40 for what is no JSON, 400.42 for
    JSON of another shape (`errors` lists the fields).
    """
    if request.mimetype != "application/json":
        raise InputError(
            "415.1",
            words("The content type must be application/json."),
            words("Send JSON with Content-Type: application/json."),
        )
    content = _unpacked(raw, limit)
    read = quick(content) if quick else None
    return _checked(content, schema) if read is None else read


def _checked(content: bytes, schema: Schema) -> Any:
    try:
        data = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("400.40", words("The body is not valid JSON."), _ONE_OBJECT) from error
    try:
        return schema.load(data)
    except ValidationError as error:
        raise InputError(
            "400.42",
            words("The body has another shape than this address takes."),
            words("The OpenAPI document at /api/v1/openapi.json tells the shape."),
            errors=error.messages,
        ) from error


def too_large(limit: int) -> InputError:
    """What is said of a body above its limit."""
    return InputError(
        "413.1",
        words("The body is larger than {limit} bytes.", limit=limit),
        words("Send less at a time."),
    )


def _unpacked(raw: bytes, limit: int) -> bytes:
    """The content behind its coding, never more than `limit` bytes of it."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        return raw
    if coding != "gzip":
        raise InputError("415.2", words("Only gzip is understood as a content encoding."))
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(raw, limit)
    except zlib.error as error:
        raise InputError("400.40", words("The body is not valid gzip."), _ONE_OBJECT) from error
    if unpacker.unconsumed_tail:
        raise too_large(limit)
    if not unpacker.eof:
        raise InputError("400.40", words("The body is not valid gzip."), _ONE_OBJECT)
    return content
