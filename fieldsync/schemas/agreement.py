"""The payload of `agreement.sign`: a whole signed agreement, with money in minor units and rates as text."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fieldsync.agreements.signature import PNG, SVG
from fieldsync.domain.agreement import PlanKind, Rounding
from fieldsync.schemas.fields import NAME_MAX, amount_minor, currency, identifier, instant, sha256
from fieldsync.words import LANGUAGES

_MONTHS_MAX = 1200
_WITNESSES_MAX = 2
_RATE = r"^-?[0-9]{1,13}(\.[0-9]{1,20})?(E-?[0-9]{1,2})?\Z"


def _rate() -> fields.String:
    """A fraction a year as decimal text; a JSON number would pass through binary floating point."""
    return fields.String(required=True, validate=validate.Regexp(_RATE))


class MoneySchema(Schema):
    """An amount in minor units of an ISO 4217 currency."""

    amount_minor = amount_minor()
    currency = currency()


class DebtStatementSchema(Schema):
    """The debt the plan spreads, at its cut-off."""

    as_of = fields.Date(required=True, format="iso")
    principal = fields.Nested(MoneySchema, required=True)
    interest = fields.Nested(MoneySchema, required=True)
    fees = fields.Nested(MoneySchema, required=True)
    case_version = fields.Integer(required=True, strict=True, validate=validate.Range(1))


class TermsSchema(Schema):
    """What was offered."""

    kind = fields.Enum(PlanKind, by_value=True, required=True)
    months = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MONTHS_MAX))
    first_due = fields.Date(required=True, format="iso")
    yearly_rate = _rate()
    rounding = fields.Enum(Rounding, by_value=True, required=True)


class InstalmentSchema(Schema):
    """One row of the schedule."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MONTHS_MAX))
    due = fields.Date(required=True, format="iso")
    principal = fields.Nested(MoneySchema, required=True)
    interest = fields.Nested(MoneySchema, required=True)
    balance = fields.Nested(MoneySchema, required=True)


class QuoteSchema(Schema):
    """The schedule with its cost."""

    debt = fields.Nested(DebtStatementSchema, required=True)
    terms = fields.Nested(TermsSchema, required=True)
    instalments = fields.List(
        fields.Nested(InstalmentSchema), required=True, validate=validate.Length(1, _MONTHS_MAX)
    )
    financed = fields.Nested(MoneySchema, required=True)
    total_payable = fields.Nested(MoneySchema, required=True)
    nominal_rate = _rate()
    effective_rate = _rate()
    rate_method = fields.String(required=True, validate=validate.Length(1, NAME_MAX))

    @validates_schema
    def one_currency(self, data: dict[str, Any], **_settings: Any) -> None:
        """Every amount of an agreement is in one currency."""
        amounts = [data["financed"], data["total_payable"]]
        amounts += [data["debt"][part] for part in ("principal", "interest", "fees")]
        amounts += [row[p] for row in data["instalments"] for p in ("principal", "interest")]
        if len({amount["currency"] for amount in amounts}) > 1:
            raise ValidationError("more than one currency", "financed")


class WitnessSchema(Schema):
    """A collector who was there."""

    officer_id = identifier()
    name = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    branch = fields.String(required=True, validate=validate.Length(0, NAME_MAX))


class SignatureSchema(Schema):
    """The drawn signature: the file by its hash, and when it was drawn."""

    sha256 = sha256()
    media_type = fields.String(required=True, validate=validate.OneOf((SVG, PNG)))
    signed_at = instant()


class AgreementPayloadSchema(Schema):
    """A signed agreement; `agreements.verify.recomputed` then checks that its numbers add up."""

    agreement_id = identifier()
    case_id = identifier()
    visit_id = identifier(allow_none=True)
    quote = fields.Nested(QuoteSchema, required=True)
    witnesses = fields.List(
        fields.Nested(WitnessSchema), required=True, validate=validate.Length(1, _WITNESSES_MAX)
    )
    signature = fields.Nested(SignatureSchema, required=True)
    document_sha256 = sha256()
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
