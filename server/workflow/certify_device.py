"""Certifies a device's key for documents, and tells every device which authority to trust."""

from fieldsync.adapters.document_certificates import pem_of, public_key, serial_of
from fieldsync.errors import InputError
from fieldsync.sync.certificates import CertificateResponse
from fieldsync.words import words
from server.context import ServerContext
from server.security.document_authority import DocumentAuthority, load_authority
from server.store.audit import record
from server.store.devices import Device
from server.store.engine import writing
from server.store.retrying import retried


def document_authority(ctx: ServerContext) -> DocumentAuthority:
    """The server's authority for documents; LocalCopyError 602.7 or 602.62."""
    return load_authority(ctx.config.keys, ctx.randomness, ctx.clock.now())


@retried
def certify_device(ctx: ServerContext, device: Device, document_key: str) -> CertificateResponse:
    """A certificate for the key; asked again, another one. InputError 422.611 for a key that is none."""
    try:
        public = public_key(document_key)
    except ValueError as error:
        raise InputError(
            "422.611",
            words("The key for documents is not a point of P-256."),
            words("Update fieldsync on this device and sync again."),
        ) from error
    now = ctx.clock.now()
    made = document_authority(ctx).certify_device(
        public, device.device_id, device.officer.officer_id, now
    )
    with writing(ctx.engine) as conn:
        record(
            conn,
            at=now,
            actor=device.officer.officer_id,
            action="certificate.issued",
            subject=device.device_id,
            detail={"serial": serial_of(made), "until": made.not_valid_after_utc.isoformat()},
        )
    return CertificateResponse(pem_of(made))
