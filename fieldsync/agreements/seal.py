"""What a seal binds into a document, and what a check of its seals found, as plain values.

The law asks for four things of a reliable signature (Electronic Signature Law, art. 13): data only the
signer has, under their sole control, and every later change to signature or text noticed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fieldsync.domain.codec import from_json, to_json

# Time stamps name whole seconds.
_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFacts:
    """What stands beside a signature, inside the signed bytes.

    `strokes_sha256` and `drawing_sha256` (hex) are the borrower's hand; `clock_offset_ms` is how far
    the device's clock was from the server's when they last spoke, at `last_synced_at`; `place` is
    named only where it is the borrower's to know. `document_sha256` is what a counter-seal found.
    """

    signer: str
    reason: str
    agreement_id: str
    program: str
    device_id: str = ""
    language: str = ""
    drawing_sha256: str = ""
    strokes_sha256: str = ""
    document_sha256: str = ""
    clock_offset_ms: int | None = None
    last_synced_at: datetime | None = None
    place: str = ""


def facts_text(facts: SealFacts) -> str:
    """The facts as they are bound in."""
    return to_json(facts)


def read_facts(text: str) -> SealFacts:
    """What `facts_text` wrote; msgspec.ValidationError or DecodeError where it is something else."""
    return from_json(text, SealFacts)


class SealFault(StrEnum):
    """Why a seal or a document does not hold."""

    UNREADABLE = "unreadable"
    UNSEALED = "unsealed"
    BROKEN = "broken"
    CHANGED_AFTER = "changed_after"
    NOT_WHOLE = "not_whole"
    UNKNOWN_AUTHORITY = "unknown_authority"
    OUT_OF_TIME = "out_of_time"
    REVOKED = "revoked"
    NO_TIME = "no_time"


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """One signature as it was found: by whose certificate, when, what it binds, what is wrong.

    `stamped_at` is the time stamp's time, `signed_at` only what the signer's clock said.
    """

    signer: str
    serial: str
    signed_at: datetime | None
    stamped_at: datetime | None
    facts: SealFacts | None
    faults: tuple[SealFault, ...]


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """Every seal of a document in the order they were made, and what is wrong with the whole."""

    sha256: str
    seals: tuple[CheckedSeal, ...]
    faults: tuple[SealFault, ...] = ()

    @property
    def all_faults(self) -> tuple[SealFault, ...]:
        """Everything that is wrong, each once."""
        found = [*self.faults, *(fault for seal in self.seals for fault in seal.faults)]
        return tuple(dict.fromkeys(found))

    @property
    def holds(self) -> bool:
        """Whether the document is sealed, whole and unchanged."""
        return bool(self.seals) and not self.all_faults

    @property
    def not_before(self) -> datetime | None:
        """The last instant known to lie before the signature: when the device last spoke to the server."""
        first = self.seals[0].facts if self.seals else None
        return first.last_synced_at if first else None

    @property
    def not_after(self) -> datetime | None:
        """The first instant known to lie after it: the end of the second that the first stamp names."""
        stamped = next((seal.stamped_at for seal in self.seals if seal.stamped_at), None)
        return None if stamped is None else stamped + _A_SECOND
