"""The border of enrolment: what `POST /api/v1/enrol` takes and answers."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fieldsync.domain.ids import UUID7_PATTERN
from fieldsync.domain.officer import Officer
from fieldsync.schemas.fields import NAME_MAX, Answer, identifier, instant, raw_key

_CODE_MAX = 40


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """A device asks to be an officer's; keys are raw Ed25519 public keys, base64url unpadded."""

    code: str
    device_id: str
    device_name: str
    request_key: str
    operation_key: str


@dataclass(frozen=True, slots=True)
class EnrolResponse:
    """What a device needs to know of its server; `server_key` verifies receipts and rule packs."""

    officer: Officer
    branch: str
    server_key: str
    epoch: str
    training: bool
    server_time: datetime


class EnrolRequestSchema(Schema):
    """The request, which the request key itself signs (RFC 9421, keyid = device_id)."""

    code = fields.String(required=True, validate=validate.Length(1, _CODE_MAX))
    device_id = fields.String(required=True, validate=validate.Regexp(rf"^{UUID7_PATTERN}\Z"))
    device_name = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    request_key = raw_key()
    operation_key = raw_key()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> EnrolRequest:
        return EnrolRequest(**data)


class OfficerSchema(Answer):
    """An officer."""

    officer_id = identifier()
    name = fields.String(required=True)
    branch = fields.String(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Officer:
        return Officer(**data)


class EnrolResponseSchema(Answer):
    """The answer."""

    officer = fields.Nested(OfficerSchema, required=True)
    branch = fields.String(required=True)
    server_key = raw_key()
    epoch = fields.String(required=True)
    training = fields.Boolean(required=True)
    server_time = instant()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> EnrolResponse:
        return EnrolResponse(**data)


def normal_code(text: str) -> str:
    """A code as typed, without hyphens, spaces and case; look-alikes O, I, L become 0, 1, 1."""
    plain = re.sub(r"[\s\-–—]", "", text).upper()  # dashes that phones put in
    return plain.translate(str.maketrans("OIL", "011"))
