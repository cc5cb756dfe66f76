"""How a device gets its certificate for sealing documents: asked for with its key, renewed in good time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# The name of the feed row that carries {"pem", "sig"}: `server:document_ca`.
DOCUMENT_CA_NAME = "document_ca"
# The server's receipt key signs this + the authority's certificate.
DOCUMENT_CA_TAG = b"fieldsync/document-ca/1\x00"
# The bank's own template of the agreement travels the same way: `server:agreement_template`.
TEMPLATE_NAME = "agreement_template"
TEMPLATE_TAG = b"fieldsync/agreement-template/1\x00"
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A device asks for a certificate; `document_key` is a compressed P-256 point, base64url."""

    device_id: str
    document_key: str


@dataclass(frozen=True, slots=True)
class CertificateResponse:
    """The device's certificate as PEM."""

    certificate: str


def is_due(not_after: datetime | None, now: datetime) -> bool:
    """Whether to ask for a new one: there is none, or it ends within a month."""
    return not_after is None or not_after - now < RENEW_BEFORE
