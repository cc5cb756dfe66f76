"""A complaint that an officer takes down: what about, and how quickly the bank must answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
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


# Days from the day on which the complaint was made (Complaint handling measures, 2020 no. 3).
ANSWER_DAYS = {Complexity.SIMPLE: 15, Complexity.COMPLEX: 30, Complexity.SPECIALLY_COMPLEX: 60}


def answer_due(made_on: date, complexity: Complexity) -> date:
    """The last day on which the answer is in time."""
    return made_on + timedelta(days=ANSWER_DAYS[complexity])


def more_time(due: date, now: Complexity, then: Complexity) -> date:
    """The last day of a complaint that is due then, once it counts as another complexity."""
    return due + timedelta(days=ANSWER_DAYS[then] - ANSWER_DAYS[now])


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
