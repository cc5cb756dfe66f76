"""Seals a PDF with PAdES (ETSI EN 319 142-1): baseline B offline, baseline T with an RFC 3161 time stamp.

Each seal is one incremental revision over every byte before it. What is bound in stands in the
signature's own dictionary, inside the signed bytes: PDF/A-2 allows no attached file but PDF/A.
"""

import io
from datetime import datetime
from typing import Any

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from fieldsync.adapters.document_certificates import Certified
from fieldsync.adapters.seal_fields import DEVICE_FIELD, OFFICE_FIELD
from fieldsync.agreements.seal import SealFacts, facts_text

# The signature dictionary's hole: certificates, and a time stamp with its own.
_RESERVED_BYTES = 8192
_RESERVED_WITH_STAMP_BYTES = 16384
_OUTSIDE_TIMEOUT_S = 20


class _ClockedSigner(PdfSigner):
    """A signer whose signing time is the caller's, so that practice days and tests have theirs."""

    def __init__(self, at: datetime, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._at = at

    def init_signing_session(self, *args: Any, **settings: Any) -> Any:
        """The library's session at the caller's time."""
        session = super().init_signing_session(*args, **settings)
        session.system_time = self._at
        return session


def seal(pdf: bytes, signer: Certified, facts: SealFacts, at: datetime) -> bytes:
    """The document with the device's seal (PAdES B-B), made without any network.

    It certifies the document: afterwards only signatures may be added.
    """
    metadata = PdfSignatureMetadata(
        field_name=DEVICE_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        name=facts.signer,
        reason=facts.reason,
        location=facts.place or None,
        contact_info=facts_text(facts),
        app_build_props=BuildProps(name="Fieldsync", revision=facts.program),
    )
    return _signed(pdf, _signer(signer), metadata, at, None)


def counter_seal(
    pdf: bytes,
    signer: Certified,
    facts: SealFacts,
    at: datetime,
    stamper: TimeStamper,
) -> bytes:
    """The document with the office's seal and a time stamp on it (PAdES B-T), as one more revision.

    ValueError where what came is no PDF.
    """
    metadata = PdfSignatureMetadata(
        field_name=OFFICE_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=facts.signer,
        reason=facts.reason,
        contact_info=facts_text(facts),
        app_build_props=BuildProps(name="Fieldsync", revision=facts.program),
    )
    return _signed(pdf, _signer(signer), metadata, at, stamper)


def outside_stamper(url: str) -> TimeStamper:
    """Another authority's time stamps, asked for over the network."""
    return HTTPTimeStamper(url, timeout=_OUTSIDE_TIMEOUT_S)


def _signed(
    pdf: bytes,
    signer: SimpleSigner,
    metadata: PdfSignatureMetadata,
    at: datetime,
    stamper: TimeStamper | None,
) -> bytes:
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    except PdfError as error:
        raise ValueError("this is no PDF that can be added to") from error
    room = _RESERVED_BYTES if stamper is None else _RESERVED_WITH_STAMP_BYTES
    out = _ClockedSigner(at, metadata, signer, timestamper=stamper).sign_pdf(
        writer, bytes_reserved=room
    )
    sealed: bytes = out.getvalue()
    return sealed


def _signer(certified: Certified) -> SimpleSigner:
    """The authority's own certificate stays out: whoever checks has it from somewhere they trust."""
    return SimpleSigner(
        signing_cert=_asn1(certified),
        signing_key=_key(certified),
        cert_registry=SimpleCertificateStore(),
    )


def _asn1(certified: Certified) -> x509.Certificate:
    return x509.Certificate.load(certified.certificate.public_bytes(serialization.Encoding.DER))


def _key(certified: Certified) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(
        certified.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
