"""A duty with a clock: what somebody is owed, and by when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DutyKind(StrEnum):
    """What is due."""

    COMPLAINT = "complaint"
    HARDSHIP_ANSWER = "hardship_answer"
    HARDSHIP_REVIEW = "hardship_review"
    HOLD_ENDS = "hold_ends"
    MORATORIUM_ENDS = "moratorium_ends"
    PROMISE = "promise"
    CHECK_OUT = "check_out"


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty. `subject` is the id of what it is about; `at` the instant, where it is not a whole day."""

    kind: DutyKind
    due: date
    case_id: str
    branch: str
    subject: str
    at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its day, or its instant, is past."""
        return self.due < now.date() if self.at is None else self.at < now
