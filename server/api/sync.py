"""`POST /api/v1/sync`: one exchange, up and then down."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from fieldsync.domain.codec import to_json_bytes
from fieldsync.schemas.sync import SyncRequestSchema
from fieldsync.schemas.sync_quick import quick_sync_request
from fieldsync.sync.messages import BATCH_BYTES_MAX
from server.api.authentication import sender_of
from server.api.context import server
from server.api.reading import json_body, raw_body
from server.api.sender import check_sender
from server.workflow.exchange import exchange

blueprint = Blueprint("sync", __name__)
# Exact bodies travel as JSON text, whose quotes may double them.
LIMIT_BYTES = 3 * BATCH_BYTES_MAX
_SCHEMA = SyncRequestSchema()


@blueprint.post("/api/v1/sync")
def sync() -> ResponseReturnValue:
    """Take the device's operations, then hand it one page of its officer's feed."""
    raw = raw_body(LIMIT_BYTES)
    device, signed = sender_of(raw)
    asked = json_body(raw, _SCHEMA, LIMIT_BYTES, quick_sync_request)
    check_sender(device, asked.device_id)
    answer = exchange(server(), device, signed, asked)
    return Response(to_json_bytes(answer), mimetype="application/json")
