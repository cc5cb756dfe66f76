"""The border of errors: RFC 9457 problem details as the server sends them."""

from marshmallow import INCLUDE, Schema, fields

PROBLEM_TYPE = "application/problem+json"


class ProblemSchema(Schema):
    """`code` is ours and stable; `detail` and `hint` are in the language that was asked for.

    More members may come with a code: `server_time` (401.2), `head_seq` and `head_hash` (409.x),
    `protocols` (426.1).
    """

    class Meta:
        """What marshmallow is told."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True, strict=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    hint = fields.String(required=True, allow_none=True)
