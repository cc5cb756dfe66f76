"""Time stamps of the server's own (RFC 3161): the library's in-process authority, signing with P-256."""

from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, keys, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign import general
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from fieldsync.adapters.document_certificates import Certified

_DIGEST = "sha256"


class EmbeddedStamper(DummyTimeStamper):
    """Stamps at the instant it was made for; SHA-256 whatever is asked for."""

    def __init__(self, certified: Certified, at: datetime) -> None:
        certificate = certified.certificate.public_bytes(serialization.Encoding.DER)
        private = certified.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._key = certified.key
        super().__init__(
            x509.Certificate.load(certificate),
            keys.PrivateKeyInfo.load(private),
            fixed_dt=at,
            override_md=_DIGEST,
        )

    def _sign_tst_info(
        self, tst_info_data: bytes, _md_algorithm: str, dt: datetime
    ) -> tuple[bytes, cms.CMSAttributes]:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(tst_info_data)
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                simple_cms_attribute(
                    "signing_certificate_v2", general.as_signing_certificate_v2(self.tsa_cert)
                ),
                simple_cms_attribute("message_digest", digest.finalize()),
            ]
        )
        return self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())), attributes

    def _build_tst_info(
        self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq
    ) -> tsp.TSTInfo:
        """Whole seconds: some readers know no fractions."""
        return super()._build_tst_info(message_imprint, dt.replace(microsecond=0), req)

    def _build_signed_data(
        self,
        tst_info_data: bytes,
        md_algorithm: str,
        signature: bytes,
        signed_attrs: cms.CMSAttributes,
    ) -> dict[str, object]:
        data: dict[str, object] = super()._build_signed_data(
            tst_info_data, md_algorithm, signature, signed_attrs
        )
        signers: Any = data["signer_infos"]
        signers[0]["signature_algorithm"] = algos.SignedDigestAlgorithm(
            {"algorithm": "sha256_ecdsa"}
        )
        return data
