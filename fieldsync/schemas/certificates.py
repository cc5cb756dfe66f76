"""The border of certificates: what `POST /api/v1/certificate` takes and answers."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fieldsync.schemas.fields import Answer, identifier
from fieldsync.sync.certificates import CertificateRequest, CertificateResponse

_POINT = r"^[A-Za-z0-9_-]{44}\Z"
_PEM_MAX = 8192


class CertificateRequestSchema(Schema):
    """The request, signed by the device as all of its requests are."""

    device_id = identifier()
    document_key = fields.String(required=True, validate=validate.Regexp(_POINT))

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> CertificateRequest:
        return CertificateRequest(**data)


class CertificateResponseSchema(Answer):
    """The answer."""

    certificate = fields.String(required=True, validate=validate.Length(1, _PEM_MAX))

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> CertificateResponse:
        return CertificateResponse(**data)
