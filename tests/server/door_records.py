"""Payloads of what happens at a door, for the server's tests: keys, proofs, steps, stops, evidence, complaints."""

import base64
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldsync.domain.check_in import CheckInKey, check_in_statement
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.complaint import Complaint, ComplaintTopic
from fieldsync.domain.correction import Correction, CorrectionKind
from tests.server.case_files import visit_start

CREW = ("E1001", "E1002")


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def secret_of(officer_id: str, nth: int = 1) -> Ed25519PrivateKey:
    """The private key that an officer's nth secret makes."""
    return Ed25519PrivateKey.from_private_bytes(f"{officer_id}/{nth}".encode().ljust(32, b"."))


def check_in_key(officer_id: str, nth: int = 1) -> dict[str, Any]:
    """What the officer publishes of it."""
    public = secret_of(officer_id, nth).public_key().public_bytes_raw()
    key = CheckInKey(officer_id, b64(b"s" * 16), 2, 64 << 20, b64(public))
    return dict(to_builtins(key))


def proof(visit_id: str, officer_id: str, nth: int = 1, case_id: str = "C-1") -> dict[str, str]:
    """The officer's signature over a visit of the crew to the home of a case."""
    statement = check_in_statement(visit_id, case_id, "home", CREW)
    return {"officer_id": officer_id, "sig": b64(secret_of(officer_id, nth).sign(statement))}


def proved_start(visit_id: str, *proofs: dict[str, str], **more: Any) -> dict[str, Any]:
    """A start by the crew with these proofs."""
    return {**visit_start(visit_id, *CREW), "proofs": list(proofs), **more}


def step(visit_id: str, name: str) -> dict[str, Any]:
    """A step of a visit."""
    return {"visit_id": visit_id, "step": name}


def stop(visit_id: str, cause: str = "asked_to_leave") -> dict[str, Any]:
    """A visit broken off."""
    return {"visit_id": visit_id, "cause": cause}


def captured(visit_id: str, sha256: str, at: datetime, place: object = None) -> dict[str, Any]:
    """One photograph of a visit."""
    item = {
        "sha256": sha256,
        "plain_sha256": "a" * 64,
        "type": "image/jpeg",
        "kind": "photo",
        "captured_at": at.isoformat(),
        "copy_sha256": None,
        "copy_plain_sha256": None,
    }
    return {"visit_id": visit_id, "items": [item], "place": place}


def complaint(
    complaint_id: str, at: datetime, *, about: tuple[str, ...] = (), case_id: str = "C-1"
) -> dict[str, Any]:
    """The borrower complains of how they were spoken to."""
    said = Complaint(
        complaint_id, case_id, at, ComplaintTopic.CONDUCT, "They shouted in the hall.", about
    )
    return dict(to_builtins(said))


def correction(
    correction_id: str,
    at: datetime,
    kind: CorrectionKind,
    *,
    wrong: str = "",
    right: str = "",
) -> dict[str, Any]:
    """Something of the case file is wrong."""
    told = Correction(correction_id, "C-1", at, kind, wrong, right, "neighbour")
    return dict(to_builtins(told))
