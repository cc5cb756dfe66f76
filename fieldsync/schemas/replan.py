"""Payload of `itinerary.replan`: the order the pair chose for the rest of the day, its times, and why."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.ids import UUID7_PATTERN
from fieldsync.schemas.fields import TEXT_MAX, identifier, instant

_STOPS_MAX, _SPANS_MAX, _LEG_MAX = 200, 50, 10**7


class SpanSchema(Schema):
    """A span of time [start, end)."""

    start = instant()
    end = instant()


class ToldStopSchema(Schema):
    """When a stop is reached, begins and ends; the leg that leads to it in seconds and metres."""

    case_id = identifier()
    arrive = instant()
    start = instant()
    leave = instant()
    travel_s = fields.Integer(required=True, strict=True, validate=validate.Range(0, _LEG_MAX))
    distance_m = fields.Integer(required=True, strict=True, validate=validate.Range(0, _LEG_MAX))


class OpeningSchema(Schema):
    """The spans in which a visit may begin that are not the published ones."""

    case_id = identifier()
    windows = fields.List(
        fields.Nested(SpanSchema), required=True, validate=validate.Length(max=_SPANS_MAX)
    )
    is_appointment = fields.Boolean(required=True)


class ReplanPayloadSchema(Schema):
    """`base_version` is the itinerary that was re-ordered; `stops` are case ids in their new order.

    An older program tells no more than that. `follows` is the record of the order that
    stood before, `undoes` of the one that was taken back.
    """

    itinerary_id = identifier()
    base_version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**9))
    stops = fields.List(identifier(), required=True, validate=validate.Length(max=_STOPS_MAX))
    reason = fields.String(required=True, validate=validate.Length(max=TEXT_MAX))
    timetable = fields.List(fields.Nested(ToldStopSchema), validate=validate.Length(max=_STOPS_MAX))
    return_at = instant(required=False)
    lunch = fields.Nested(SpanSchema, allow_none=True)
    openings = fields.List(fields.Nested(OpeningSchema), validate=validate.Length(max=_STOPS_MAX))
    follows = fields.String(validate=validate.Regexp(rf"^{UUID7_PATTERN}\Z"))
    undoes = fields.String(validate=validate.Regexp(rf"^{UUID7_PATTERN}\Z"))
