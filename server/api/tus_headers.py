"""Reads the headers of tus 1.0: version, length, offset, metadata and checksum, each refused by number."""

import base64
import binascii
import re

from flask import request

from fieldsync.errors import InputError, ProtocolMismatchError
from fieldsync.sync.files import CHECKSUMS, CHUNK_TYPE, TUS_HEADER, TUS_VERSION
from fieldsync.words import words
from server.workflow.keep_upload import Sum

_NUMBER = re.compile(r"\d{1,15}")
_TUS = words("tus 1.0 tells what it holds; a file is named by `sha256` in Upload-Metadata.")


def check_version() -> None:
    """ProtocolMismatchError 412.1 where the client speaks another tus."""
    if request.headers.get(TUS_HEADER) != TUS_VERSION:
        raise ProtocolMismatchError(
            "412.1",
            words("Files are sent by tus {version}.", version=TUS_VERSION),
            words("Send the header Tus-Resumable: 1.0.0."),
        )


def number_in(header: str) -> int:
    """The whole number in a header; InputError 400.50 where there is none."""
    given = request.headers.get(header, "")
    if not _NUMBER.fullmatch(given):
        raise _wrong(header)
    return int(given)


def named_sha256() -> str:
    """The SHA-256 that Upload-Metadata gives; InputError 400.50 or 400.47."""
    pairs = dict(_pair(text) for text in request.headers.get("Upload-Metadata", "").split(","))
    return sha256_of(pairs.get("sha256", ""))


def sha256_of(text: str) -> str:
    """The text, if it is a SHA-256 as files are named; InputError 400.47 otherwise."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise InputError("400.47", words("A file's name is its SHA-256 in lower-case hex."))
    return text


def check_chunk_type() -> None:
    """InputError 415.3 for any content type but that of a chunk."""
    if request.mimetype != CHUNK_TYPE:
        raise InputError(
            "415.3",
            words("The content type must be {type}.", type=CHUNK_TYPE),
            words("Send the bytes of the chunk as they are."),
        )


def checksum() -> tuple[Sum, ...]:
    """The sum that Upload-Checksum gives, if any; InputError 400.50 for one that cannot be checked."""
    given = request.headers.get("Upload-Checksum")
    if given is None:
        return ()
    algorithm, _space, encoded = given.partition(" ")
    if algorithm not in CHECKSUMS:
        raise _wrong("Upload-Checksum")
    fault = InputError(
        "460.1",
        words("The chunk did not arrive as it was sent."),
        words("Nothing of it was kept. Send it again."),
    )
    return (Sum(algorithm, _decoded(encoded, "Upload-Checksum"), fault),)


def _pair(text: str) -> tuple[str, str]:
    name, _space, encoded = text.strip().partition(" ")
    return name, _decoded(encoded, "Upload-Metadata").decode("utf-8", "replace")


def _decoded(text: str, header: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(header) from error


def _wrong(header: str) -> InputError:
    return InputError(
        "400.50", words("The header {name} is missing or wrong.", name=header), _TUS, header=header
    )
