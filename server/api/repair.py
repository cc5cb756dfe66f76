"""`POST /api/v1/repair`: where device and server hold different rows, those of the buckets that differ."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from fieldsync.schemas.sync import RepairRequestSchema, RepairResponseSchema
from server.api.authentication import signed_by_device
from server.api.context import server
from server.api.reading import json_body, raw_body
from server.api.sender import check_sender
from server.workflow.repair_buckets import repair as repair_buckets

blueprint = Blueprint("repair", __name__)
LIMIT_BYTES = 64 << 10


@blueprint.post("/api/v1/repair")
def repair() -> ResponseReturnValue:
    """Compare bucket by bucket and answer the rows of those that differ."""
    raw = raw_body(LIMIT_BYTES)
    device = signed_by_device(raw)
    asked = json_body(raw, RepairRequestSchema(), LIMIT_BYTES)
    check_sender(device, asked.device_id)
    answer = repair_buckets(server(), device.officer.officer_id, asked.buckets)
    return jsonify(RepairResponseSchema().dump(answer))
