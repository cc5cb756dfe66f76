"""The payload of `agreement.sign`: a whole signed agreement, with money in minor units and rates as text."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fieldsync.agreements.signature import PNG, SVG
from fieldsync.domain.agreement import (
    Component,
    Grace,
    HolidayShift,
    PlanKind,
    Rounding,
    Standing,
)
from fieldsync.schemas.fields import NAME_MAX, amount_minor, currency, identifier, instant, sha256
from fieldsync.words import LANGUAGES

_MONTHS_MAX = 1200
_WITNESSES_MAX = 2
_PARTS_MAX = 10
_DAYS_MAX = 366
_VERSIONS_MAX = 10_000
_RATE = r"^-?[0-9]{1,13}(\.[0-9]{1,20})?(E-?[0-9]{1,2})?\Z"


def _rate() -> fields.String:
    """A fraction a year as decimal text; a JSON number would pass through binary floating point."""
    return fields.String(required=True, validate=validate.Regexp(_RATE))


def _said_rate(*, allow_none: bool = False) -> fields.String:
    """The same where a program of an older version says nothing."""
    return fields.String(allow_none=allow_none, validate=validate.Regexp(_RATE))


def _months() -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(0, _MONTHS_MAX))


def _days() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, _DAYS_MAX))


def _text() -> fields.String:
    return fields.String(validate=validate.Length(0, NAME_MAX))


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
    default_interest = fields.Nested(MoneySchema, allow_none=True)
    costs = fields.Nested(MoneySchema, allow_none=True)


class WaivedPartSchema(Schema):
    """How much of one part of the debt is given up."""

    component = fields.Enum(Component, by_value=True, required=True)
    amount = fields.Nested(MoneySchema, required=True)


class TermsSchema(Schema):
    """What was offered."""

    kind = fields.Enum(PlanKind, by_value=True, required=True)
    months = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MONTHS_MAX))
    first_due = fields.Date(required=True, format="iso")
    yearly_rate = _rate()
    rounding = fields.Enum(Rounding, by_value=True, required=True)
    down_payment = fields.Nested(MoneySchema, allow_none=True)
    down_payment_due = fields.Date(format="iso", allow_none=True)
    waived = fields.List(fields.Nested(WaivedPartSchema), validate=validate.Length(0, _PARTS_MAX))
    fee_rate = _said_rate()
    step = _said_rate()
    step_months = _months()
    grace = fields.Enum(Grace, by_value=True, allow_none=True)
    grace_months = _months()
    balloon = fields.Nested(MoneySchema, allow_none=True)
    before_months = _months()
    before_rate = _said_rate(allow_none=True)
    holiday_shift = fields.Enum(HolidayShift, by_value=True)


class InstalmentSchema(Schema):
    """One row of the schedule; number 0 is the down payment."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(0, _MONTHS_MAX))
    due = fields.Date(required=True, format="iso")
    principal = fields.Nested(MoneySchema, required=True)
    interest = fields.Nested(MoneySchema, required=True)
    balance = fields.Nested(MoneySchema, required=True)
    fee = fields.Nested(MoneySchema, allow_none=True)


_ROW_AMOUNTS = ("principal", "interest", "balance", "fee")


class QuoteSchema(Schema):
    """The schedule with its cost."""

    debt = fields.Nested(DebtStatementSchema, required=True)
    terms = fields.Nested(TermsSchema, required=True)
    instalments = fields.List(
        fields.Nested(InstalmentSchema), required=True, validate=validate.Length(1, _MONTHS_MAX + 1)
    )
    financed = fields.Nested(MoneySchema, required=True)
    total_payable = fields.Nested(MoneySchema, required=True)
    nominal_rate = _rate()
    effective_rate = _rate()
    rate_method = fields.String(required=True, validate=validate.Length(1, NAME_MAX))
    calendar_until = fields.Date(format="iso", allow_none=True)

    @validates_schema
    def one_currency(self, data: dict[str, Any], **_settings: Any) -> None:
        """Every amount of an agreement is in one currency."""
        amounts = [data["financed"], data["total_payable"]]
        amounts += [data["debt"].get(part.value) for part in Component]
        amounts += [row.get(p) for row in data["instalments"] for p in _ROW_AMOUNTS]
        amounts += [data["terms"].get(name) for name in ("down_payment", "balloon")]
        amounts += [part["amount"] for part in data["terms"].get("waived", ())]
        if len({amount["currency"] for amount in amounts if amount is not None}) > 1:
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


class PlanRulesSchema(Schema):
    """How the plan is kept and ended."""

    missed_in_a_row = fields.Integer(required=True, strict=True, validate=validate.Range(1, 120))
    grace_days = _days()
    cooling_off_days = _days()
    allocation = fields.List(
        fields.Enum(Component, by_value=True), required=True, validate=validate.Length(1, 5)
    )
    waiver_returns = fields.Boolean(required=True)


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
    version = fields.Integer(strict=True, validate=validate.Range(1, _VERSIONS_MAX))
    replaces = identifier(required=False, allow_none=True)
    standing = fields.Enum(Standing, by_value=True)
    mandate = _text()
    rules = fields.Nested(PlanRulesSchema)
    verification_code = _text()
    strokes_sha256 = fields.String(validate=validate.Regexp(r"^([0-9a-f]{64})?\Z"))
    certificate = _text()
    reminders = fields.Boolean()
