"""Payload of `itinerary.replan`: the order the pair chose for the rest of the day, and why."""

from marshmallow import Schema, fields, validate

from fieldsync.schemas.fields import TEXT_MAX, identifier

_STOPS_MAX = 200


class ReplanPayloadSchema(Schema):
    """`base_version` is the itinerary that was re-ordered; `stops` are case ids in their new order."""

    itinerary_id = identifier()
    base_version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**9))
    stops = fields.List(identifier(), required=True, validate=validate.Length(max=_STOPS_MAX))
    reason = fields.String(required=True, validate=validate.Length(max=TEXT_MAX))
