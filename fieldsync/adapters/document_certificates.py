"""X.509 certificates that documents are sealed under: an authority, and what it certifies.

P-256 throughout. Times are the caller's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fieldsync.domain import base64url

# A device's clock may run behind the server's, and certificates count whole seconds.
_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Certified:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def key_pem(self) -> bytes:
        """The key as PKCS 8."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key from the system's randomness."""
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(certificate: x509.Certificate) -> str:
    """The certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def read_certificate(pem: str) -> x509.Certificate:
    """The certificate; ValueError where the text is none."""
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number as people compare it, in hex."""
    return f"{certificate.serial_number:x}"


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as it travels: the compressed point (SEC 1), base64url."""
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    return base64url.encode(point)


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The reverse of `public_text`; ValueError where it is no point of P-256."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64url.decode(text))


def authority(
    key: ec.EllipticCurvePrivateKey, name: str, at: datetime, lasts: timedelta
) -> Certified:
    """A certificate authority that may certify signers and nothing below them."""
    subject = _name(name)
    builder = _builder(subject, subject, key.public_key(), at, lasts).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    builder = builder.add_extension(_usage(certifies=True), critical=True)
    return Certified(key, builder.sign(key, hashes.SHA256()))


def certify(
    issuer: Certified,
    public: ec.EllipticCurvePublicKey,
    name: str,
    unit: str,
    at: datetime,
    lasts: timedelta,
    *,
    stamps_time: bool = False,
) -> x509.Certificate:
    """A certificate for signing documents, or for time stamps alone (RFC 3161, 2.3)."""
    builder = _builder(
        _name(name, unit), issuer.certificate.subject, public, at, lasts
    ).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(certifies=False), critical=True)
    if stamps_time:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    known = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known), critical=False
    )
    return builder.sign(issuer.key, hashes.SHA256())


def _name(common: str, unit: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fieldsync")]
    if unit:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    # RFC 5280 lets a common name be 64 characters long.
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    at: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BEFORE)
        .not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )
