"""Seals of documents: other people's tools agree, and no bit can be changed unnoticed."""

import io
import random
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from fieldsync.adapters.document_certificates import pem_of
from fieldsync.adapters.pdf_seal import seal
from fieldsync.adapters.pdf_verify import check_document
from fieldsync.adapters.seal_spelling import token_of
from fieldsync.agreements.seal import DocumentCheck, SealFault
from tests.agreements.paper import SIGNED_AT
from tests.agreements.sealed_paper import (
    device_sealed,
    office_sealed,
    paper,
    said,
    sealers,
)


def checked(pdf: bytes, revoked: frozenset[str] = frozenset()) -> DocumentCheck:
    """The document as whoever trusts the bank's authority finds it."""
    return check_document(pdf, [sealers().root.certificate], revoked)


def test_both_seals_hold_and_say_between_when() -> None:
    """Sealed by the device after its last exchange, and by the office before its stamp."""
    one, both = checked(device_sealed()), checked(office_sealed())
    assert one.holds
    assert one.not_after is None
    assert both.holds
    assert [found.signer for found in both.seals] == ["device-1", "Office"]
    assert both.not_before == SIGNED_AT - timedelta(hours=2)
    assert both.not_after == SIGNED_AT + timedelta(hours=3, seconds=1)
    facts = both.seals[0].facts
    assert facts is not None
    assert (facts.strokes_sha256, facts.place) == ("c" * 64, "深圳")


def test_no_changed_bit_goes_unnoticed() -> None:
    """Three hundred single bits anywhere in both files, the seals' own bytes among them."""
    drawn = random.Random(20261124)  # noqa: S311 - which bits is no secret
    for pdf, count in ((device_sealed(), 240), (office_sealed(), 60)):
        for _ in range(count):
            place, bit = drawn.randrange(len(pdf)), drawn.randrange(8)
            changed = bytearray(pdf)
            changed[place] ^= 1 << bit
            assert not checked(bytes(changed)).holds, (place, bit)


def test_what_is_appended_is_noticed() -> None:
    """A revision after the seal, a revision in the library's own way, and stray bytes."""
    writer = IncrementalPdfFileWriter(io.BytesIO(office_sealed()))
    writer.set_info(writer.add_object(PdfFileReader(io.BytesIO(paper())).trailer["/Info"]))
    out = io.BytesIO()
    writer.write(out)
    assert not checked(out.getvalue()).holds
    assert not checked(office_sealed() + b"\n% one more line\n").holds
    assert not checked(device_sealed() + b" ").holds


@pytest.mark.parametrize(
    ("pdf", "fault"),
    [
        (b"", SealFault.UNREADABLE),
        (b"%PDF-1.7 nothing", SealFault.UNREADABLE),
        (b"\x89PNG\r\n", SealFault.UNREADABLE),
    ],
)
def test_what_is_no_document_is_said_to_be_none(pdf: bytes, fault: SealFault) -> None:
    """Never an error of the program."""
    assert checked(pdf).all_faults == (fault,)


def test_a_document_without_a_seal_says_so() -> None:
    """What was only rendered is worth nothing yet."""
    assert checked(paper()).all_faults == (SealFault.UNSEALED,)


def test_strangers_ended_and_revoked_certificates_are_named() -> None:
    """Another authority; a certificate that had ended; a serial that was revoked."""
    stranger = check_document(device_sealed(), [sealers(1).root.certificate])
    assert stranger.all_faults == (SealFault.UNKNOWN_AUTHORITY,)
    late = seal(paper(), sealers().device, said(), SIGNED_AT + timedelta(days=91))
    assert SealFault.OUT_OF_TIME in checked(late).all_faults
    serial = checked(device_sealed()).seals[0].serial
    assert checked(device_sealed(), frozenset({serial})).all_faults == (SealFault.REVOKED,)


def test_poppler_finds_both_signatures_valid(tmp_path: Path) -> None:
    """`pdfsig` reads them as ETSI.CAdES.detached over the whole file."""
    path = tmp_path / "agreement.pdf"
    path.write_bytes(office_sealed())
    shown = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    ).stdout
    assert shown.count("Signature is Valid") == 2
    assert shown.count("ETSI.CAdES.detached") == 2
    assert "Total document signed" in shown


def test_openssl_finds_signature_chain_and_stamp_valid(tmp_path: Path) -> None:
    """`openssl cms`, `verify` and `ts` agree with nothing of ours in between."""
    roots = tmp_path / "ca.pem"
    roots.write_text(pem_of(sealers().root.certificate), encoding="ascii")
    (device, office) = PdfFileReader(io.BytesIO(office_sealed())).embedded_signatures
    start, end = (int(device.byte_range[1]), int(device.byte_range[2]))
    covered = device_sealed()[:start] + device_sealed()[end:]
    (tmp_path / "covered").write_bytes(covered)
    hole = bytes.fromhex(device_sealed()[start + 1 : end - 1].decode())
    (tmp_path / "device.p7s").write_bytes(cms.ContentInfo.load(hole).dump())
    at = str(int(SIGNED_AT.timestamp()))
    _openssl(
        "cms", "-verify", "-inform", "DER", "-in", tmp_path / "device.p7s", "-binary",
        "-content", tmp_path / "covered", "-CAfile", roots, "-purpose", "any",
        "-attime", at, "-out", tmp_path / "out",
    )  # fmt: skip
    token = token_of(office)
    assert token is not None
    (tmp_path / "stamp").write_bytes(token.dump())
    (tmp_path / "stamped").write_bytes(office.signer_info["signature"].native)
    _openssl(
        "ts", "-verify", "-token_in", "-in", tmp_path / "stamp", "-data", tmp_path / "stamped",
        "-CAfile", roots, "-attime", at,
    )  # fmt: skip
    for part in (sealers().device, sealers().office, sealers().stamper):
        pem = tmp_path / "one.pem"
        pem.write_bytes(part.certificate.public_bytes(serialization.Encoding.PEM))
        _openssl("verify", "-CAfile", roots, "-attime", at, pem)


def _openssl(*arguments: object) -> None:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
