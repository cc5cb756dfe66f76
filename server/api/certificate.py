"""`POST /api/v1/certificate`: an enrolled device's key for documents is certified, for ninety days."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from fieldsync.schemas.certificates import CertificateRequestSchema, CertificateResponseSchema
from server.api.authentication import signed_by_device
from server.api.context import server
from server.api.reading import json_body, raw_body
from server.api.sender import check_sender
from server.workflow.certify_device import certify_device

blueprint = Blueprint("certificate", __name__)
LIMIT_BYTES = 4 << 10


@blueprint.post("/api/v1/certificate")
def certificate() -> ResponseReturnValue:
    """Certify the key; a revoked device is turned away as everywhere."""
    raw = raw_body(LIMIT_BYTES)
    device = signed_by_device(raw)
    asked = json_body(raw, CertificateRequestSchema(), LIMIT_BYTES)
    check_sender(device, asked.device_id)
    answer = certify_device(server(), device, asked.document_key)
    return jsonify(CertificateResponseSchema().dump(answer))
