"""Payloads of a visit: start, note, finish, and the visit that a rule refused."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.verdict import Effect, Strength
from fieldsync.domain.visit import OutcomeCode
from fieldsync.schemas.fields import TEXT_MAX, WordsSchema, amount_minor, currency, identifier

_OFFICERS_MAX = 2
_FINDINGS_MAX = 100


class VisitStartPayloadSchema(Schema):
    """Two officers at one address; `packs` are the rule packs that allowed it, name to version."""

    visit_id = identifier()
    address_id = identifier()
    officers = fields.List(
        identifier(), required=True, validate=validate.Length(equal=_OFFICERS_MAX)
    )
    packs = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class VisitNotePayloadSchema(Schema):
    """A remark during a visit."""

    visit_id = identifier()
    text = fields.String(required=True, validate=validate.Length(1, TEXT_MAX))


class PromiseSchema(Schema):
    """What the borrower said they would pay, in minor units, and by when."""

    date = fields.Date(required=True, format="iso")
    amount_minor = amount_minor(least=1)
    currency = currency()


class VisitFinishPayloadSchema(Schema):
    """How the visit ended."""

    visit_id = identifier()
    outcome = fields.Enum(OutcomeCode, by_value=True, required=True)
    identity_shown = fields.Boolean(required=True, truthy={True}, falsy={False})
    promise = fields.Nested(PromiseSchema, required=True, allow_none=True)


class FindingSchema(Schema):
    """A rule's finding as the device saw it."""

    rule = identifier()
    effect = fields.Enum(Effect, by_value=True, required=True)
    strength = fields.Enum(Strength, by_value=True, required=True)
    citation = fields.String(required=True, validate=validate.Length(max=TEXT_MAX))
    message = fields.Nested(WordsSchema, required=True)
    facts = fields.Dict(keys=fields.String(), load_default=dict)
    cited = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=TEXT_MAX))
    )


class VisitRefusedPayloadSchema(Schema):
    """A start that a rule refused: kept, so that nobody needs to hide it."""

    address_id = identifier()
    action = identifier()
    findings = fields.List(
        fields.Nested(FindingSchema), required=True, validate=validate.Length(1, _FINDINGS_MAX)
    )
