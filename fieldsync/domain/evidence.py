"""What was photographed, recorded or handed over at a visit: a memory aid, never a proof by itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EvidenceKind(StrEnum):
    """What kind of thing was captured."""

    PHOTO = "photo"
    AUDIO = "audio"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One capture. The attachments are sealed to the server; the plain hashes let anybody check them.

    `sha256` names the sealed original and `copy_sha256` the sealed copy stamped with time and case,
    None where no copy can be drawn; `plain_sha256` and `copy_plain_sha256` are of what was sealed, `type`
    the media type of the original.
    """

    sha256: str
    plain_sha256: str
    type: str
    kind: EvidenceKind
    captured_at: datetime
    copy_sha256: str | None = None
    copy_plain_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """Where it was captured, in WGS-84, kept only with consent; `accuracy_m` is a radius in metres."""

    lat: float
    lon: float
    accuracy_m: float
    consent_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one record brings."""

    visit_id: str
    items: tuple[EvidenceItem, ...]
    place: EvidencePlace | None = None
