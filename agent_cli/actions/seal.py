"""Seals the document of an agreement with this device's key, with the network off."""

from dataclasses import dataclass
from datetime import datetime

from agent_cli.actions.certificate import certified
from agent_cli.context import DeviceContext
from agent_cli.store import meta
from agent_cli.store.clock_readings import clock_error
from fieldsync import __version__
from fieldsync.agreements.seal import SealFacts

_REASON = "Instalment agreement read and signed by hand by the borrower before two collectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What is bound into the seal beside the document itself; hashes in hex."""

    agreement_id: str
    language: str
    drawing_sha256: str
    strokes_sha256: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """The document as it is kept, and the serial number (hex) of the certificate; "" without a seal."""

    document: bytes
    certificate: str


def seal_document(ctx: DeviceContext, document: bytes, bound: Bound) -> Sealed:
    """The document with the device's seal; as it is where the server never gave a certificate.

    RefusedError 451.611 or 451.612 where the certificate has ended or is not valid yet.
    """
    signer = certified(ctx)
    if signer is None:
        return Sealed(document, "")
    from fieldsync.adapters.document_certificates import serial_of
    from fieldsync.adapters.pdf_seal import seal

    told = meta.read(ctx.conn, "last_server_time")
    error = clock_error(ctx.conn, ctx.clock)
    facts = SealFacts(
        signer=ctx.identity.device_id,
        reason=_REASON,
        agreement_id=bound.agreement_id,
        program=__version__,
        device_id=ctx.identity.device_id,
        language=bound.language,
        drawing_sha256=bound.drawing_sha256,
        strokes_sha256=bound.strokes_sha256,
        clock_offset_ms=None if error is None else round(error.total_seconds() * 1000),
        last_synced_at=datetime.fromisoformat(told) if told else None,
    )
    sealed = seal(document, signer, facts, bound.signed_at)
    return Sealed(sealed, serial_of(signer.certificate))
