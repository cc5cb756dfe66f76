"""Payload of `complaint.record`: a domain Complaint as JSON."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.complaint import ComplaintTopic
from fieldsync.schemas.fields import TEXT_MAX, identifier, instant

_OFFICERS_MAX = 20


class ComplaintPayloadSchema(Schema):
    """What was said, in whose words they were; `about_officers` may be empty."""

    complaint_id = identifier()
    case_id = identifier()
    at = instant()
    topic = fields.Enum(ComplaintTopic, by_value=True, required=True)
    text = fields.String(required=True, validate=validate.Length(1, TEXT_MAX))
    about_officers = fields.List(
        identifier(), load_default=list, validate=validate.Length(max=_OFFICERS_MAX)
    )
    visit_id = identifier(allow_none=True)
    in_writing = fields.Boolean(load_default=False, truthy={True}, falsy={False})
