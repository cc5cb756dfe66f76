"""Payloads of a visit: start, steps, stop, note, finish, and the visit that a rule refused."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.verdict import Effect, Strength
from fieldsync.domain.visit import OutcomeCode, StopCause, VisitStep
from fieldsync.schemas.check_in import CheckInProofSchema
from fieldsync.schemas.fields import (
    TEXT_MAX,
    WordsSchema,
    amount_minor,
    currency,
    identifier,
    instant,
)

_OFFICERS_MAX = 2
_TRIES_MAX = 10**6
# Nobody leaves, or stays too long, for more than a week.
_SECONDS_MAX = 7 * 24 * 3600
_FINDINGS_MAX = 100


def _wrong_secrets() -> fields.Dict:
    return fields.Dict(
        keys=identifier(),
        values=fields.Integer(strict=True, validate=validate.Range(1, _TRIES_MAX)),
    )


class VisitStartPayloadSchema(Schema):
    """Two officers at one address; `packs` are the rule packs that allowed it, name to version.

    `proofs` show that each stood there; programs before visit steps sent none, nor an expected end.
    `wrong_secrets` tells how often a wrong secret was tried before, by officer.
    """

    visit_id = identifier()
    address_id = identifier()
    officers = fields.List(
        identifier(), required=True, validate=validate.Length(equal=_OFFICERS_MAX)
    )
    packs = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    expected_end = instant(required=False)
    proofs = fields.List(
        fields.Nested(CheckInProofSchema), validate=validate.Length(max=_OFFICERS_MAX)
    )
    wrong_secrets = _wrong_secrets()


class VisitStepPayloadSchema(Schema):
    """What happened between check-in and outcome."""

    visit_id = identifier()
    step = fields.Enum(VisitStep, by_value=True, required=True)


class VisitStopPayloadSchema(Schema):
    """Why the visit is broken off at once."""

    visit_id = identifier()
    cause = fields.Enum(StopCause, by_value=True, required=True)


class VisitNotePayloadSchema(Schema):
    """A remark during a visit."""

    visit_id = identifier()
    text = fields.String(required=True, validate=validate.Length(1, TEXT_MAX))


class PromiseSchema(Schema):
    """What the borrower said they would pay, in minor units, and by when."""

    date = fields.Date(required=True, format="iso")
    amount_minor = amount_minor(least=1)
    currency = currency()


def _seconds(*, allow_none: bool) -> fields.Integer:
    return fields.Integer(
        strict=True, allow_none=allow_none, validate=validate.Range(0, _SECONDS_MAX)
    )


class VisitFinishPayloadSchema(Schema):
    """How the visit ended.

    `exit_seconds` from a stop to the exit, null where nothing was stopped; `overrun_s` beyond the limit
    of the law.
    """

    visit_id = identifier()
    outcome = fields.Enum(OutcomeCode, by_value=True, required=True)
    identity_shown = fields.Boolean(required=True, truthy={True}, falsy={False})
    promise = fields.Nested(PromiseSchema, required=True, allow_none=True)
    exit_seconds = _seconds(allow_none=True)
    overrun_s = _seconds(allow_none=False)


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
    """A start that a rule refused: kept, so that nobody needs to hide it.

    `wrong_secrets` tells how often a wrong secret was tried, by officer; `packs` are the rule packs that
    were asked, name to version (older programs sent none).
    """

    address_id = identifier()
    action = identifier()
    findings = fields.List(
        fields.Nested(FindingSchema), required=True, validate=validate.Length(1, _FINDINGS_MAX)
    )
    packs = fields.Dict(keys=fields.String(), values=fields.String())
    wrong_secrets = _wrong_secrets()
