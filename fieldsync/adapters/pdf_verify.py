"""Checks the seals of a PDF with pyHanko, offline, and says what it found as plain values.

Beyond the library's own checks nothing may stand in a seal that no signature covers: the hole in the
file holds the signature in its one spelling and zeros, the signature holds what a seal of ours holds.
"""

import hashlib
import io
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from fieldsync.adapters.seal_fields import OFFICE_FIELD
from fieldsync.adapters.seal_spelling import is_strict, token_of
from fieldsync.agreements.seal import CheckedSeal, DocumentCheck, SealFacts, SealFault, read_facts

# What the library writes of a bad file to its log is in the answer, in words.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

# A hostile file makes the parser stumble in more ways than it names.
_STUMBLES = (
    PdfError,
    SigningError,
    SignatureValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    OverflowError,
)


def check_document(
    pdf: bytes,
    authorities: Sequence[pyca.Certificate],
    revoked: frozenset[str] = frozenset(),
) -> DocumentCheck:
    """Every seal of the file and what is wrong with it; never raises for what is in the file.

    A seal counts as made by one of `authorities`; `revoked` are serial numbers (hex) that hold no
    more.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        signatures = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except _STUMBLES:
        return DocumentCheck(sha256, (), (SealFault.UNREADABLE,))
    if not signatures:
        return DocumentCheck(sha256, (), (SealFault.UNSEALED,))
    roots = [x509.Certificate.load(_der(authority)) for authority in authorities]
    last = len(signatures) - 1
    seals = tuple(
        _checked(pdf, signature, roots, revoked, is_last=place == last)
        for place, signature in enumerate(signatures)
    )
    return DocumentCheck(sha256, seals)


def _checked(
    pdf: bytes,
    signature: EmbeddedPdfSignature,
    roots: list[x509.Certificate],
    revoked: frozenset[str],
    *,
    is_last: bool,
) -> CheckedSeal:
    try:
        status = _status(signature, roots)
        stamp = status.timestamp_validity
        faults = [
            *_faults(status, signature, is_last=is_last),
            *([] if is_strict(pdf, signature) else [SealFault.BROKEN]),
        ]
        serial = f"{signature.signer_cert.serial_number:x}"
        # A time stamp could be cut out unnoticed otherwise: nothing signs it.
        if signature.field_name == OFFICE_FIELD and stamp is None:
            faults.append(SealFault.NO_TIME)
        if serial in revoked:
            faults.append(SealFault.REVOKED)
        return CheckedSeal(
            signer=str(signature.signer_cert.subject.native.get("common_name", "")),
            serial=serial,
            signed_at=signature.self_reported_timestamp,
            stamped_at=stamp.timestamp if stamp is not None else None,
            facts=_facts(signature),
            faults=tuple(dict.fromkeys(faults)),
        )
    except _STUMBLES:
        return CheckedSeal("", "", None, None, None, (SealFault.BROKEN,))


def _status(signature: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> PdfSignatureStatus:
    """The library's answer, certificates judged at the time that is known best."""
    return validate_pdf_signature(signature, _context(roots, _moment(signature)))


def _moment(signature: EmbeddedPdfSignature) -> datetime | None:
    token = token_of(signature)
    if token is None:
        return signature.self_reported_timestamp
    told: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return told


def _context(roots: list[x509.Certificate], moment: datetime | None) -> ValidationContext:
    return ValidationContext(
        trust_roots=roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail"
    )


def _faults(
    status: PdfSignatureStatus, signature: EmbeddedPdfSignature, *, is_last: bool
) -> list[SealFault]:
    found = []
    if not (status.intact and status.valid):
        found.append(SealFault.BROKEN)
    if not status.trusted:
        found.append(_why_not_trusted(signature))
    if (
        status.modification_level
        not in {
            None,
            ModificationLevel.NONE,
            ModificationLevel.FORM_FILLING,
            ModificationLevel.LTA_UPDATES,
        }
        or not status.docmdp_ok
    ):
        found.append(SealFault.CHANGED_AFTER)
    if is_last and status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        found.append(SealFault.NOT_WHOLE)
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.intact and stamp.valid and stamp.trusted):
        found.append(SealFault.NO_TIME)
    return found


def _why_not_trusted(signature: EmbeddedPdfSignature) -> SealFault:
    """The library says only that there is no path; a certificate outside its time has none either."""
    moment, certificate = _moment(signature), signature.signer_cert
    begins, ends = certificate.not_valid_before, certificate.not_valid_after
    if moment is not None and not begins <= moment <= ends:
        return SealFault.OUT_OF_TIME
    return SealFault.UNKNOWN_AUTHORITY


def _facts(signature: EmbeddedPdfSignature) -> SealFacts | None:
    text: Any = signature.sig_object.get("/ContactInfo")
    try:
        return read_facts(str(text)) if text is not None else None
    except msgspec.DecodeError:
        return None


def _der(certificate: pyca.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
