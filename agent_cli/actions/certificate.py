"""The device's certificate for documents: asked for by a sync, kept beside the log, trusted offline."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from marshmallow import ValidationError

from agent_cli import keys
from agent_cli.actions.trust import is_signed, trusted_key
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import meta, mirror
from agent_cli.store.database import writing
from fieldsync.errors import FieldsyncError, RefusedError
from fieldsync.schemas.certificates import CertificateResponseSchema
from fieldsync.sync.certificates import DOCUMENT_CA_NAME, CertificateRequest, is_due
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.words import words

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from fieldsync.adapters.document_certificates import Certified

CERTIFICATE = "document_certificate"
UNTIL = "document_certificate_until"
_KEY = feed_key(KeyKind.SERVER, DOCUMENT_CA_NAME)


def renew_certificate(ctx: DeviceContext, remote: Remote) -> bool:
    """Ask for a certificate where none is here or it ends within a month; whether one came.

    A server of an older program has none to give, and a line that breaks here has done its work:
    neither makes an exchange fail.
    """
    until = meta.read(ctx.conn, UNTIL)
    if not is_due(datetime.fromisoformat(until) if until else None, ctx.clock.now()):
        return False
    from fieldsync.adapters.document_certificates import public_text, read_certificate

    key = keys.document_key(ctx.keys)
    asked = CertificateRequest(ctx.identity.device_id, public_text(key))
    try:
        answer = CertificateResponseSchema().load(remote.post("/api/v1/certificate", asdict(asked)))
        made = read_certificate(answer.certificate)
    except (FieldsyncError, ValidationError, ValueError):
        return False
    if made.public_key() != key.public_key():
        return False
    facts = {CERTIFICATE: answer.certificate, UNTIL: made.not_valid_after_utc.isoformat()}
    with writing(ctx.conn) as conn:
        meta.write(conn, facts)
    return True


def certified(ctx: DeviceContext) -> "Certified | None":
    """What this device seals with; None where it never got a certificate.

    RefusedError 451.611 where the certificate has ended, 451.612 where it is not valid yet: then
    this device's clock is wrong.
    """
    pem = meta.read(ctx.conn, CERTIFICATE)
    if pem is None:
        return None
    from fieldsync.adapters.document_certificates import Certified, read_certificate

    certificate, now = read_certificate(pem), ctx.clock.now()
    if now >= certificate.not_valid_after_utc:
        raise RefusedError(
            "451.611",
            words("This device's certificate for documents ended."),
            words(
                "Nothing was recorded. Sync once, then sign; what you agreed can be typed again."
            ),
            findings=[],
        )
    if now < certificate.not_valid_before_utc:
        raise RefusedError(
            "451.612",
            words("This device's clock is before the day its certificate was made."),
            words("Nothing was recorded. Set the clock right, or sync, then sign."),
            findings=[],
        )
    return Certified(keys.document_key(ctx.keys), certificate)


def trusted_authority(ctx: DeviceContext) -> "Certificate | None":
    """The authority for documents as the server signed it; None where it told none."""
    from fieldsync.adapters.document_certificates import read_certificate

    body = json.loads(mirror.body(ctx.conn, _KEY) or "null")
    if body is None or not is_signed(trusted_key(ctx), FeedRow(_KEY, FeedOp.PUT, 0, body)):
        return None
    return read_certificate(str(body["pem"]))
