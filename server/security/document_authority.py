"""The server's own authority for documents: it certifies devices, counter-seals and stamps the time.

One PEM file in the folder `keys`, made once: the authority, the office's seal and the time stamps, each
a key and a certificate.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fieldsync.adapters.document_certificates import (
    Certified,
    authority,
    certify,
    new_key,
    pem_of,
)
from fieldsync.adapters.durable import sync_folder
from fieldsync.errors import LocalCopyError
from fieldsync.ports import Randomness
from fieldsync.words import words

NAME = "documents.pem"
DEVICE_DAYS = 90
# A plan runs five years at most and is asked about for some years after.
_LASTS = timedelta(days=3653)
_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentAuthority:
    """The authority, and what it certified for the office."""

    root: Certified
    office: Certified
    stamper: Certified

    @property
    def pem(self) -> str:
        """What whoever checks a document has to trust."""
        return pem_of(self.root.certificate)

    def certify_device(
        self, public: ec.EllipticCurvePublicKey, device_id: str, officer_id: str, at: datetime
    ) -> x509.Certificate:
        """A certificate for ninety days: the device's id is its name, the officer's its unit."""
        lasts = timedelta(days=DEVICE_DAYS)
        return certify(self.root, public, device_id, officer_id, at, lasts)


def load_authority(folder: Path, randomness: Randomness, at: datetime) -> DocumentAuthority:
    """Read it, made first where there is none; LocalCopyError 602.7 where the file is damaged."""
    path = folder / NAME
    if not path.exists():
        _make(folder, randomness, at)
    try:
        blocks = [match.group() for match in _BLOCK.finditer(path.read_bytes())]
        parts = [_read(key, pem) for key, pem in zip(blocks[::2], blocks[1::2], strict=True)]
        root, office, stamper = parts
    except ValueError as error:
        raise LocalCopyError(
            "602.7",
            words("The server's key file {path} is missing or damaged.", path=str(path)),
            words("Restore the folder `keys` from your backup; devices trust these keys."),
        ) from error
    return DocumentAuthority(root, office, stamper)


def _read(key: bytes, pem: bytes) -> Certified:
    loaded = serialization.load_pem_private_key(key, None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise ValueError("a key of another kind")  # noqa: TRY004 - a damaged file, not a caller's slip
    return Certified(loaded, x509.load_pem_x509_certificate(pem))


def _make(folder: Path, randomness: Randomness, at: datetime) -> None:
    """Make it under another name and link it: of processes that start at once, one authority stays."""
    root = authority(new_key(), "Fieldsync documents", at, _LASTS)
    office, stamper = new_key(), new_key()
    made = (
        root,
        Certified(office, certify(root, office.public_key(), "Office", "seal", at, _LASTS)),
        Certified(
            stamper,
            certify(root, stamper.public_key(), "Time", "stamp", at, _LASTS, stamps_time=True),
        ),
    )
    aside = folder / f".new-{randomness.token(8).hex()}"
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for part in made:
                file.write(part.key_pem + pem_of(part.certificate).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, folder / NAME)
        sync_folder(folder)
    except OSError as error:
        raise LocalCopyError(
            "602.62",
            words(
                "The server's authority for documents cannot be made in {path}.", path=str(folder)
            ),
            words("Let the server write in its folder `keys` once, and start it again."),
        ) from error
    finally:
        aside.unlink(missing_ok=True)
