"""The border of enrolment: what `POST /api/v1/enrol` takes and answers."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from fieldsync.domain.officer import Officer
from fieldsync.schemas.fields import NAME_MAX, identifier, instant, raw_key

# RFC 9562 text form; only version 7 makes a device id.
_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"
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
    device_id = fields.String(required=True, validate=validate.Regexp(_UUID7))
    device_name = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    request_key = raw_key()
    operation_key = raw_key()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> EnrolRequest:
        return EnrolRequest(**data)


class OfficerSchema(Schema):
    """An officer."""

    class Meta:
        """What marshmallow is told."""

        unknown = EXCLUDE

    officer_id = identifier()
    name = fields.String(required=True)
    branch = fields.String(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Officer:
        return Officer(**data)


class EnrolResponseSchema(Schema):
    """The answer."""

    class Meta:
        """What marshmallow is told."""

        unknown = EXCLUDE

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
