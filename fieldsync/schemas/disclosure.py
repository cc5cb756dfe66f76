"""Payloads of `hardship.disclose` and `hardship.withdraw`: domain values as JSON."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.disclosure import HardshipCode, Need
from fieldsync.schemas.fields import NAME_MAX, TEXT_MAX, identifier, instant, sha256
from fieldsync.words import LANGUAGES

_LIST_MAX = 20
# Twenty long papers and three long texts, sealed and written in base64url.
_SEALED_MAX = 100_000


class SensitiveConsentSchema(Schema):
    """Separate consent to keep a sensitive fact."""

    text_version = identifier()
    given_at = instant()
    purpose = fields.String(required=True, validate=validate.Length(1, TEXT_MAX))
    language = fields.String(load_default="", validate=validate.OneOf(("", *LANGUAGES)))


class DisclosurePayloadSchema(Schema):
    """A sensitive category without consent is not an error here: the server keeps the need only."""

    disclosure_id = identifier()
    case_id = identifier()
    visit_id = identifier(allow_none=True)
    at = instant()
    told_by = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    needs = fields.List(
        fields.Enum(Need, by_value=True), required=True, validate=validate.Length(max=_LIST_MAX)
    )
    category = fields.Enum(HardshipCode, by_value=True, load_default=None, allow_none=True)
    words = fields.String(load_default="", validate=validate.Length(max=TEXT_MAX))
    effect = fields.String(load_default="", validate=validate.Length(max=TEXT_MAX))
    expected_until = fields.Date(load_default=None, allow_none=True, format="iso")
    evidence_seen = fields.List(
        fields.String(validate=validate.Length(max=NAME_MAX)),
        load_default=list,
        validate=validate.Length(max=_LIST_MAX),
    )
    consent = fields.Nested(SensitiveConsentSchema, load_default=None, allow_none=True)
    review_on = fields.Date(load_default=None, allow_none=True, format="iso")
    evidence_copied = fields.List(
        sha256(), load_default=list, validate=validate.Length(max=_LIST_MAX)
    )
    sealed = fields.String(
        load_default="",
        validate=[validate.Length(max=_SEALED_MAX), validate.Regexp(r"^[A-Za-z0-9_-]*\Z")],
    )
    effect_talking = fields.String(load_default="", validate=validate.Length(max=TEXT_MAX))


class WithdrawalPayloadSchema(Schema):
    """Payload of `hardship.withdraw`: a domain ConsentWithdrawal as JSON."""

    case_id = identifier()
    at = instant()
    disclosure_id = identifier(allow_none=True)
