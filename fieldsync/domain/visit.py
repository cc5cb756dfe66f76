"""A visit: where it stands, and the codes for how it ended."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fieldsync.domain.money import Money


class OutcomeCode(StrEnum):
    """How a visit ended (docs/reference/codes.md)."""

    MET_DEBTOR = "MET_DEBTOR"
    MET_SPOUSE = "MET_SPOUSE"
    MET_FAMILY = "MET_FAMILY"
    MET_COLLEAGUE = "MET_COLLEAGUE"
    MET_OTHER = "MET_OTHER"
    NOBODY = "NOBODY"
    VACANT = "VACANT"
    MOVED = "MOVED"
    ADDR_NOT_EXIST = "ADDR_NOT_EXIST"
    DEMOLISHED = "DEMOLISHED"
    ADDR_WRONG = "ADDR_WRONG"
    REFUSED_TALK = "REFUSED_TALK"
    REFUSED_PAY = "REFUSED_PAY"
    PTP = "PTP"
    PTP_PARTIAL = "PTP_PARTIAL"
    PLAN_SIGNED = "PLAN_SIGNED"
    PAID = "PAID"
    DISPUTE = "DISPUTE"
    HARDSHIP = "HARDSHIP"
    DECEASED = "DECEASED"
    DETAINED = "DETAINED"
    REPRESENTED = "REPRESENTED"
    ASKED_TO_LEAVE = "ASKED_TO_LEAVE"
    CEASE_REQUEST = "CEASE_REQUEST"
    UNSAFE = "UNSAFE"
    ABORTED_RULE = "ABORTED_RULE"
    NOTICE_LEFT_SEALED = "NOTICE_LEFT_SEALED"


# Outcomes in which somebody was spoken to, so that an identity must have been shown (CN-ID).
FACE_TO_FACE = frozenset(OutcomeCode) - {
    OutcomeCode.NOBODY,
    OutcomeCode.VACANT,
    OutcomeCode.MOVED,
    OutcomeCode.ADDR_NOT_EXIST,
    OutcomeCode.DEMOLISHED,
    OutcomeCode.ADDR_WRONG,
    OutcomeCode.UNSAFE,
    OutcomeCode.ABORTED_RULE,
    OutcomeCode.NOTICE_LEFT_SEALED,
}


class VisitState(StrEnum):
    """Where a visit stands; the door opens only one way."""

    STARTED = "started"
    FINISHED = "finished"


class VisitStep(StrEnum):
    """What happened between check-in and the outcome, each recorded when it happens."""

    IDENTITY_SHOWN = "identity_shown"
    ENTRY_AGREED = "entry_agreed"
    ENTERED = "entered"
    PAPERS_HANDED_OVER = "papers_handed_over"


class StopCause(StrEnum):
    """Why a visit is broken off at once; each stops collection until the office has answered."""

    ASKED_TO_LEAVE = "asked_to_leave"
    DISTRESS = "distress"
    LACKS_CAPACITY = "lacks_capacity"
    MINOR_ALONE = "minor_alone"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step and when it was recorded."""

    step: VisitStep
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a pair to one address of a case; `officers` are the two checked in.

    `leave_by` is the limit of the law (None where no rule sets one that day), `expected_end` when
    colleagues begin to worry. `exit_seconds` runs from a stop to the exit, `overrun_s` is what was spent
    beyond `leave_by`. `promised` falls due on `promised_on`.
    """

    visit_id: str
    case_id: str
    address_id: str
    officers: tuple[str, ...]
    started_at: datetime
    state: VisitState = VisitState.STARTED
    identity_shown: bool = False
    outcome: OutcomeCode | None = None
    finished_at: datetime | None = None
    expected_end: datetime | None = None
    leave_by: datetime | None = None
    steps: tuple[StepTaken, ...] = ()
    stopped_at: datetime | None = None
    stop_cause: StopCause | None = None
    exit_seconds: int | None = None
    overrun_s: int = 0
    promised_on: date | None = None
    promised: Money | None = None

    def has_taken(self, step: VisitStep) -> bool:
        """Whether the step was recorded."""
        return any(taken.step is step for taken in self.steps)
