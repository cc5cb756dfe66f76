"""`POST /api/v1/quarantine`: records of a log that cannot go on; a revoked device may hand them over too."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from fieldsync.schemas.sync import QuarantineRequestSchema, QuarantineResponseSchema
from fieldsync.sync.messages import BATCH_BYTES_MAX
from server.api.authentication import signed_by_device
from server.api.context import server
from server.api.reading import json_body, raw_body
from server.api.sender import check_sender
from server.workflow.quarantine_operations import quarantine as keep_apart

blueprint = Blueprint("quarantine", __name__)
# Exact bodies travel as JSON text, whose quotes may double them.
LIMIT_BYTES = 3 * BATCH_BYTES_MAX


@blueprint.post("/api/v1/quarantine")
def quarantine() -> ResponseReturnValue:
    """Keep the records until a person decides, and answer a signed word on each."""
    raw = raw_body(LIMIT_BYTES)
    device = signed_by_device(raw, revoked_too=True)
    asked = json_body(raw, QuarantineRequestSchema(), LIMIT_BYTES)
    check_sender(device, asked.device_id)
    receipt = keep_apart(server(), device, asked.operations)
    return jsonify(QuarantineResponseSchema().dump({"receipt": receipt}))
