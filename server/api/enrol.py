"""`POST /api/v1/enrol`: a device becomes an officer's by a single-use code."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from fieldsync.errors import InputError
from fieldsync.schemas.enrolment import EnrolRequestSchema, EnrolResponseSchema
from fieldsync.words import words
from server.api.authentication import signed_by_key
from server.api.context import server
from server.api.reading import json_body, raw_body
from server.security.text_keys import public_key
from server.workflow.enrol_device import enrol as enrol_device

blueprint = Blueprint("enrol", __name__)
LIMIT_BYTES = 16 << 10


@blueprint.post("/api/v1/enrol")
def enrol() -> ResponseReturnValue:
    """Use the code up and answer who the device now works for."""
    raw = raw_body(LIMIT_BYTES)
    asked = json_body(raw, EnrolRequestSchema(), LIMIT_BYTES)
    for key in (asked.request_key, asked.operation_key):
        _check_key(key)
    signed_by_key(raw, asked.device_id, asked.request_key)
    answer = enrol_device(server(), asked, request.remote_addr or "unknown")
    return jsonify(EnrolResponseSchema().dump(answer))


def _check_key(text: str) -> None:
    try:
        public_key(text)
    except ValueError as error:
        raise InputError("400.46", words("A public key is not an Ed25519 key.")) from error
