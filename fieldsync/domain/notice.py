"""A notice of a visit: what the borrower is told beforehand, and what they may answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment


class NoticeState(StrEnum):
    """How far a notice has come. `sending` left standing means that nobody knows whether it arrived."""

    WRITTEN = "written"
    REFUSED = "refused"
    SENDING = "sending"
    GIVEN = "given"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class NoticeAnswer(StrEnum):
    """What the borrower answered; each changes the next plan."""

    ANOTHER_TIME = "another_time"
    IN_DIFFICULTY = "in_difficulty"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that keeps a notice from being sent: its id, and the sentence in both languages."""

    rule: str
    message: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, when, and who of the office took it down.

    `appointment` is the other time chosen; `instead_of` what the bank's book said then. Where a
    newer book says something else, the book's word counts again.
    """

    kind: NoticeAnswer
    at: datetime
    by: str
    reason: str
    appointment: Appointment | None = None
    instead_of: Appointment | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of one visit. `window` is the time it names, in the zone of the address.

    `language` is that of the text: "en", "zh-CN", or "" for both together. `tried_at` is when it was
    last handed to its channel, `tries` how often; `trouble` the code of the last failure. `earlier` are
    answers that a later one took the place of, oldest first.
    """

    notice_id: str
    case_id: str
    plan_id: str
    address_id: str
    window: Window
    zone: str
    language: str
    subject: str
    text: str
    refusals: tuple[Refusal, ...] = ()
    tries: int = 0
    tried_at: datetime | None = None
    trouble: str = ""
    answer: Answer | None = None
    earlier: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a channel is given: `subject` and the recipient stand outside, `text` inside.

    `phones` are the borrower's numbers, for channels that reach a telephone.
    """

    notice_id: str
    recipient: str
    address: str
    phones: tuple[str, ...]
    subject: str
    text: str
    html: str
