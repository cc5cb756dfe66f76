"""`GET /api/v1/openapi.json`: the API described from the same schemas that check it."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint
from flask.typing import ResponseReturnValue

from fieldsync import __version__
from fieldsync.schemas.certificates import CertificateRequestSchema, CertificateResponseSchema
from fieldsync.schemas.enrolment import EnrolRequestSchema, EnrolResponseSchema
from fieldsync.schemas.problems import PROBLEM_TYPE, ProblemSchema
from fieldsync.schemas.sync import (
    QuarantineRequestSchema,
    QuarantineResponseSchema,
    RepairRequestSchema,
    RepairResponseSchema,
    SyncRequestSchema,
    SyncResponseSchema,
)
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOLS_SPOKEN
from server.api.files_document import paths_of_files

blueprint = Blueprint("openapi", __name__)

_JSON = "application/json"
_BYTES = "application/octet-stream"
_FILE = {"schema": {"type": "string", "format": "binary"}}
_HEX64 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PROTOCOL = {
    "name": PROTOCOL_HEADER,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": [str(v) for v in PROTOCOLS_SPOKEN]},
}
_SHA256 = {"name": "sha256", "in": "path", "required": True, "schema": _HEX64}
_KEPT = {
    "type": "object",
    "required": ["sha256", "size"],
    "properties": {"sha256": _HEX64, "size": {"type": "integer"}},
}
_HEALTH = {
    "type": "object",
    "required": ["status", "version"],
    "properties": {"status": {"type": "string"}, "version": {"type": "string"}},
}


@blueprint.get("/api/v1/openapi.json")
def document() -> ResponseReturnValue:
    """The OpenAPI document."""
    return build()


@cache
def build() -> dict[str, Any]:
    """OpenAPI 3.0: addresses, bodies, answers and the problems each may answer with."""
    spec = APISpec(
        title="Fieldsync",
        version=__version__,
        openapi_version="3.0.3",
        plugins=[MarshmallowPlugin()],
        info={"description": "Sync between field devices and the bank's server."},
    )
    spec.components.schema("Problem", schema=ProblemSchema)
    spec.components.security_scheme(
        "signature",
        {
            "type": "http",
            "scheme": "signature",
            "description": "RFC 9421 by the device's Ed25519 key over @method, @path, @query and "
            "content-digest, with created, nonce, keyid and tag=fieldsync.",
        },
    )
    _add_paths(spec)
    return dict(spec.to_dict())


def _add_repair_and_certificate(spec: APISpec) -> None:
    spec.path(
        "/api/v1/repair",
        operations={
            "post": _operation(
                "Compare rows by bucket, fetch those that differ",
                body=_json(RepairRequestSchema),
                answers={200: _json(RepairResponseSchema)},
                problems=(400, 401, 403, 413, 415, 426),
            )
        },
    )
    spec.path(
        "/api/v1/certificate",
        operations={
            "post": _operation(
                "Certify a device's key for documents",
                body=_json(CertificateRequestSchema),
                answers={200: _json(CertificateResponseSchema)},
                problems=(400, 401, 403, 413, 415, 422, 426),
            )
        },
    )


def _add_paths(spec: APISpec) -> None:
    spec.path(
        "/api/v1/enrol",
        operations={
            "post": _operation(
                "Enrol a device with a single-use code",
                body=_json(EnrolRequestSchema),
                answers={200: _json(EnrolResponseSchema)},
                problems=(400, 401, 403, 409, 413, 415, 426, 429),
            )
        },
    )
    spec.path(
        "/api/v1/sync",
        operations={
            "post": _operation(
                "Push operations, pull one page of changes",
                body=_json(SyncRequestSchema),
                answers={200: _json(SyncResponseSchema)},
                problems=(400, 401, 403, 409, 410, 413, 415, 426),
            )
        },
    )
    _add_repair_and_certificate(spec)
    spec.path("/api/v1/quarantine", operations={"post": _quarantine()})
    put = _operation(
        "Keep a file that an operation names",
        body={"content": {_BYTES: _FILE}},
        answers={200: _kept(), 201: _kept()},
        problems=(400, 401, 403, 404, 413, 422, 426),
    )
    get = _operation(
        "Fetch a file of one's own",
        answers={200: {"description": "The file", "content": {_BYTES: _FILE}}},
        problems=(400, 401, 403, 404, 413, 426),
    )
    spec.path("/api/v1/blobs/{sha256}", parameters=[_SHA256], operations={"put": put, "get": get})
    for path, described in paths_of_files(_operation).items():
        spec.path(path, **described)
    health = {"description": "Alive", "content": {_JSON: {"schema": _HEALTH}}}
    spec.path(
        "/healthz",
        operations={"get": {"summary": "Whether the server is alive", "responses": {200: health}}},
    )


def _quarantine() -> dict[str, Any]:
    return _operation(
        "Hand over records that no log can take; open to revoked devices",
        body=_json(QuarantineRequestSchema),
        answers={200: _json(QuarantineResponseSchema)},
        problems=(400, 401, 403, 413, 415, 426),
    )


def _operation(
    summary: str,
    *,
    answers: dict[int, dict[str, Any]],
    problems: tuple[int, ...],
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    problem = {
        "description": "A problem (RFC 9457); `code` tells which",
        "content": {PROBLEM_TYPE: {"schema": ProblemSchema}},
    }
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": [_PROTOCOL],
        "security": [{"signature": []}],
        "responses": {**answers, **dict.fromkeys(problems, problem)},
    }
    return {**operation, "requestBody": {**body, "required": True}} if body else operation


def _json(schema: type) -> dict[str, Any]:
    return {"description": "As JSON", "content": {_JSON: {"schema": schema}}}


def _kept() -> dict[str, Any]:
    return {"description": "The file is kept", "content": {_JSON: {"schema": _KEPT}}}
