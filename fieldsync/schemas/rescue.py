"""The border of a rescue file: the records a device could not deliver, as signed, with their files.

`{"format", "device_id", "records": [{"seq", "op_id", "body", "sig", "hash", ...}], "files":
[{"sha256", "type", "content" in base64}], "unreadable"}`; what has left the device with its case has
`sealed` in place of the body or the content. Earlier programs wrote only `records`
and `unreadable`. Each entry is checked on its own: a spoilt one takes none of the others with it.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from marshmallow import Schema, ValidationError, fields, post_load, validate

from fieldsync.errors import InputError
from fieldsync.schemas.fault import Fault
from fieldsync.schemas.fields import NAME_MAX, Answer, sha256, signature
from fieldsync.schemas.sync import SEALED_MAX, SEALED_MIN, SEALED_TEXT
from fieldsync.sync.messages import BATCH_BYTES_MAX
from fieldsync.sync.operation import SignedOperation
from fieldsync.words import words

RESCUE_FORMAT = "fieldsync-rescue/1"
_WRITE_AGAIN = words("Write it again on the device: `fieldsync export --rescue FILE`.")
_UNREADABLE_MAX = 1 << 31


@dataclass(frozen=True, slots=True)
class RescueFile:
    """The entries as they came, still unchecked; `unreadable` counts what the device could not read."""

    records: tuple[object, ...]
    files: tuple[object, ...]
    unreadable: int


@dataclass(frozen=True, slots=True)
class RescuedRecord:
    """One record; `hash` is what the device held it to be.

    A body that left the device is empty; `sealed` may then hold it, sealed to the server.
    """

    op_id: str | None
    body: str
    sig: str
    hash: str | None
    sealed: str | None = None

    @property
    def signed(self) -> SignedOperation:
        """As it would have been pushed."""
        return SignedOperation(self.body, self.sig)


@dataclass(frozen=True, slots=True)
class RescuedFile:
    """One file that records name; `is_sealed` where the content is sealed to the server."""

    sha256: str
    content: bytes
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class EntryFault:
    """What is wrong with one entry; `field` names its part."""

    field: str
    fault: Fault


class _RescueSchema(Answer):
    format = fields.String(allow_none=True)
    records = fields.List(fields.Raw(), required=True)
    files = fields.List(fields.Raw())
    unreadable = fields.Integer(strict=True, validate=validate.Range(0, _UNREADABLE_MAX))


class _RecordSchema(Answer):
    op_id = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=NAME_MAX)
    )
    body = fields.String(required=True)
    sealed = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Length(SEALED_MIN, SEALED_MAX), validate.Regexp(SEALED_TEXT + r"\Z")],
    )
    sig = signature()
    hash = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z")
    )

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> RescuedRecord:
        return RescuedRecord(**data)


class _FileSchema(Answer):
    sha256 = sha256()
    content = fields.String()
    sealed = fields.String()


def read_rescue(raw: bytes, name: str) -> RescueFile:
    """The entries of a rescue file called `name`.

    InputError 400.19 for what is no rescue file, 400.20 for one of a newer program.
    """
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_rescue_file(name) from error
    written_as = data.get("format") if isinstance(data, Mapping) else None
    if isinstance(written_as, str) and written_as != RESCUE_FORMAT:
        raise InputError(
            "400.20",
            words("{file} was written by a newer Fieldsync.", file=name),
            words("Update the server first."),
        )
    try:
        found = _RescueSchema().load(data)
    except ValidationError as error:
        raise _no_rescue_file(name) from error
    return RescueFile(
        tuple(found["records"]), tuple(found.get("files", ())), found.get("unreadable", 0)
    )


def read_record(raw: object) -> RescuedRecord | EntryFault:
    """One record, or what no device writes so; whether it is authentic is asked later."""
    body = raw.get("body") if isinstance(raw, Mapping) else None
    if isinstance(body, str) and len(body) > BATCH_BYTES_MAX:
        told = words("The record is larger than {limit} bytes.", limit=BATCH_BYTES_MAX)
        return EntryFault("body", Fault("422.132", told, words("No device writes such a record.")))
    return _checked(_RecordSchema(), raw, "body")  # type: ignore[no-any-return]  # marshmallow's loader is untyped


def read_file(raw: object) -> RescuedFile | EntryFault:
    """One file; that its content is the one its name stands for is asked later."""
    found = _checked(_FileSchema(), raw, "content")
    if isinstance(found, EntryFault):
        return found
    part = "sealed" if "sealed" in found and "content" not in found else "content"
    try:
        content = base64.b64decode(found[part], validate=True)
    except (KeyError, binascii.Error, ValueError):
        return _unreadable(part)
    return RescuedFile(found["sha256"], content, part == "sealed")


def _checked(schema: Schema, raw: object, main_field: str) -> Any:
    """What the schema makes of an entry, or its first wrong field."""
    try:
        return schema.load(raw)  # type: ignore[arg-type]  # anything may stand in the file
    except ValidationError as error:
        wrong = sorted(str(field) for field in error.messages_dict)
        return _unreadable(wrong[0] if wrong[0] != "_schema" else main_field)


def _unreadable(field: str) -> EntryFault:
    return EntryFault(
        field,
        Fault("422.131", words("This part is missing, or no device writes it so."), _WRITE_AGAIN),
    )


def _no_rescue_file(name: str) -> InputError:
    return InputError(
        "400.19",
        words("{file} is no rescue file.", file=name),
        words("`fieldsync export --rescue FILE` or `fieldsync doctor --rescue FILE` writes one."),
    )
