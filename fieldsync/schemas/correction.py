"""Payload of `correction.propose`: a domain Correction as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fieldsync.domain.correction import CorrectionKind
from fieldsync.schemas.fields import NAME_MAX, TEXT_MAX, identifier, instant


class CorrectionPayloadSchema(Schema):
    """What is wrong and, where it is known, what is right; a wrong person needs neither."""

    correction_id = identifier()
    case_id = identifier()
    at = instant()
    kind = fields.Enum(CorrectionKind, by_value=True, required=True)
    wrong = fields.String(load_default="", validate=validate.Length(max=NAME_MAX))
    right = fields.String(load_default="", validate=validate.Length(max=TEXT_MAX))
    told_by = fields.String(load_default="", validate=validate.Length(max=NAME_MAX))
    visit_id = identifier(allow_none=True)

    @validates_schema
    def _names_what_is_wrong(self, data: Mapping[str, Any], **_settings: object) -> None:
        if data["kind"] is not CorrectionKind.WRONG_PERSON and not data["wrong"].strip():
            raise ValidationError("missing", "wrong")
