"""Says whether a seal is spelt the one way that ours are: no byte of it is left to an attacker's choice.

A CMS signature (RFC 5652) covers its signed attributes; versions, algorithm names and the padding of
the hole in the file are covered by nothing, so they are compared with what they must be.
"""

import binascii
from typing import Any

from asn1crypto import algos, cms
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_RANGES = 4
_DIGEST = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_DIGESTS = cms.DigestAlgorithms([{"algorithm": "sha256"}]).dump()
_ECDSA = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()


def token_of(signature: EmbeddedPdfSignature) -> cms.ContentInfo | None:
    """The time stamp that the signature carries (RFC 3161), or None."""
    for attribute in _unsigned(signature.signer_info):
        if attribute["type"].native == "signature_time_stamp_token":
            token: cms.ContentInfo = attribute["values"][0]
            return token
    return None


def is_strict(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether hole, signature and time stamp hold nothing that could be changed unnoticed."""
    ranges = [int(number) for number in signature.byte_range]
    if len(ranges) != _RANGES or ranges[0] != 0:
        return False
    hole = pdf[ranges[1] : ranges[2]]
    if not (hole.startswith(b"<") and hole.endswith(b">")):
        return False
    content = binascii.unhexlify(hole[1:-1])
    if hole[1:-1] not in {binascii.hexlify(content), binascii.hexlify(content).upper()}:
        return False
    info = cms.ContentInfo.load(content)
    der = info.dump()
    if content[len(der) :].strip(b"\x00"):
        return False
    token = token_of(signature)
    attributes = list(_unsigned(signature.signer_info))
    if len(attributes) != (0 if token is None else 1):
        return False
    ours = info["content"]["signer_infos"][0]["signature_algorithm"].dump() == _ECDSA
    return ours and _is_plain(info, "v1") and (token is None or _is_plain(token, "v3"))


def _is_plain(info: cms.ContentInfo, version: str) -> bool:
    """One signer, one certificate, SHA-256, the version that belongs to the content."""
    data = info["content"]
    signers = list(data["signer_infos"])
    if len(signers) != 1 or len(data["certificates"]) != 1 or len(data["crls"] or ()) != 0:
        return False
    (signer,) = signers
    certificate = data["certificates"][0].chosen
    named = signer["sid"].chosen
    return (
        (data["version"].native, signer["version"].native) == (version, "v1")
        and data["digest_algorithms"].dump() == _DIGESTS
        and signer["digest_algorithm"].dump() == _DIGEST
        and (named["issuer"], named["serial_number"].native)
        == (certificate.issuer, certificate.serial_number)
    )


def _unsigned(signer: Any) -> Any:
    return signer["unsigned_attrs"] or ()
