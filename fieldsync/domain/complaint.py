"""A complaint that an officer takes down: what about, and how quickly the bank must answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ComplaintTopic(StrEnum):
    """What the complaint is about (docs/reference/codes.md)."""

    CONDUCT = "conduct"
    PRIVACY = "privacy"
    THIRD_PARTY = "third_party"
    AMOUNT = "amount"
    NOT_MY_DEBT = "not_my_debt"
    FREQUENCY = "frequency"
    OTHER = "other"


class Complexity(StrEnum):
    """How much time the law gives for the answer (CN-COMPLAINT: 15, 30 or 60 days)."""

    SIMPLE = "simple"
    COMPLEX = "complex"
    SPECIALLY_COMPLEX = "specially_complex"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What was said, about whom if about officers, and whether they wish for an answer in writing."""

    complaint_id: str
    case_id: str
    at: datetime
    topic: ComplaintTopic
    text: str
    about_officers: tuple[str, ...] = ()
    visit_id: str | None = None
    in_writing: bool = False
