"""The payload of evidence: hashes of what was captured, and its place only where consent was given."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.evidence import EvidenceKind
from fieldsync.schemas.fields import NAME_MAX, identifier, instant
from fieldsync.schemas.fields import sha256 as hex_sha256

_ITEMS_MAX = 10
_LATITUDE, _LONGITUDE, _ACCURACY_MOST_M = 90, 180, 100_000


def _number(least: float, most: float) -> fields.Float:
    return fields.Float(required=True, allow_nan=False, validate=validate.Range(least, most))


def _sha256_or_none() -> fields.String:
    return fields.String(
        required=True, allow_none=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z")
    )


class EvidenceItemSchema(Schema):
    """One capture and its stamped copy."""

    sha256 = hex_sha256()
    plain_sha256 = hex_sha256()
    type = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    kind = fields.Enum(EvidenceKind, by_value=True, required=True)
    captured_at = instant()
    copy_sha256 = _sha256_or_none()
    copy_plain_sha256 = _sha256_or_none()


class EvidencePlaceSchema(Schema):
    """A place has its accuracy; without the instant of a consent the server does not keep it."""

    lat = _number(-_LATITUDE, _LATITUDE)
    lon = _number(-_LONGITUDE, _LONGITUDE)
    accuracy_m = _number(0, _ACCURACY_MOST_M)
    consent_at = fields.AwareDateTime(format="iso", required=True, allow_none=True)


class VisitEvidencePayloadSchema(Schema):
    """What was captured at a visit; the files are attachments of the same record."""

    visit_id = identifier()
    items = fields.List(
        fields.Nested(EvidenceItemSchema),
        required=True,
        validate=validate.Length(1, _ITEMS_MAX),
    )
    place = fields.Nested(EvidencePlaceSchema, required=True, allow_none=True)
