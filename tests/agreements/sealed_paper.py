"""What seal tests share: an authority that certifies a device and an office, and a document sealed by both."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from fieldsync.adapters.document_certificates import Certified, authority, certify, new_key
from fieldsync.adapters.pdf_seal import counter_seal, seal
from fieldsync.adapters.time_stamps import EmbeddedStamper
from fieldsync.adapters.typst_document import render_agreement
from fieldsync.agreements.document import document_data
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.seal import SealFacts
from fieldsync.agreements.signature import SVG
from fieldsync.locale import render
from tests.agreements.paper import SIGNED_AT, SVG_DRAWING, debt, facts, terms

YEARS = timedelta(days=3650)


@dataclass(frozen=True)
class Sealers:
    """An authority and everybody it certified."""

    root: Certified
    device: Certified
    office: Certified
    stamper: Certified


@cache
def sealers(days: int = 90) -> Sealers:
    """Fresh keys; the device's certificate lasts that many days."""
    root = authority(new_key(), "Test documents", SIGNED_AT, YEARS)

    def certified(name: str, lasts: timedelta, *, stamps: bool = False) -> Certified:
        key = new_key()
        made = certify(root, key.public_key(), name, "test", SIGNED_AT, lasts, stamps_time=stamps)
        return Certified(key, made)

    return Sealers(
        root,
        certified("device-1", timedelta(days=days)),
        certified("Office", YEARS),
        certified("Time", YEARS, stamps=True),
    )


def said(signer: str = "device-1") -> SealFacts:
    """What is bound in."""
    return SealFacts(
        signer=signer,
        reason="Instalment agreement",
        agreement_id="A-1",
        program="0",
        device_id=signer,
        strokes_sha256="c" * 64,
        last_synced_at=SIGNED_AT - timedelta(hours=2),
        place="深圳",
    )


@cache
def paper() -> bytes:
    """An agreement's document, unsealed."""
    data = document_data(facts(quote(debt(), terms())), render)
    return render_agreement(data, SVG_DRAWING, SVG, SIGNED_AT)


@cache
def device_sealed() -> bytes:
    """The document with the device's seal."""
    return seal(paper(), sealers().device, said(), SIGNED_AT)


@cache
def office_sealed() -> bytes:
    """The same with the office's seal and a time stamp."""
    later = SIGNED_AT + timedelta(hours=3)
    stamper = EmbeddedStamper(sealers().stamper, later)
    return counter_seal(device_sealed(), sealers().office, said("Office"), later, stamper)
