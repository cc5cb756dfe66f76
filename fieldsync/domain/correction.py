"""A correction that the field proposes: it changes nothing until the office accepts it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CorrectionKind(StrEnum):
    """What of the case file is wrong."""

    ADDRESS = "address"
    TELEPHONE = "telephone"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is wrong and, where it is known, what is right.

    `wrong` is an address id or a telephone number of the case; `right` the new text, empty where
    nobody knows it.
    """

    correction_id: str
    case_id: str
    at: datetime
    kind: CorrectionKind
    wrong: str = ""
    right: str = ""
    told_by: str = ""
    visit_id: str | None = None
