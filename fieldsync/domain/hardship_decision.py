"""What the hardship team decides on a disclosure, and the duty to decide it in time."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Relief(StrEnum):
    """What the bank does for the person."""

    PAUSE = "pause"
    LOWER_INSTALMENTS = "lower_instalments"
    LONGER_TERM = "longer_term"
    INTEREST_STOPPED = "interest_stopped"
    FEES_WAIVED = "fees_waived"
    WRITING_ONLY = "writing_only"
    WRITTEN_OFF = "written_off"
    NONE = "none"


class Signpost(StrEnum):
    """Where the person was told to find help."""

    DEBT_ADVICE = "debt_advice"
    LEGAL_AID = "legal_aid"
    SOCIAL_RELIEF = "social_relief"
    EMPLOYMENT = "employment"
    MEDICAL_RELIEF = "medical_relief"
    MENTAL_HEALTH = "mental_health"
    ABUSE_SHELTER = "abuse_shelter"
    ADDICTION_HELP = "addiction_help"


# Where to find help may tell what happened: these stay with the team.
TELLING_SIGNPOSTS = frozenset(
    {
        Signpost.MEDICAL_RELIEF,
        Signpost.MENTAL_HEALTH,
        Signpost.ABUSE_SHELTER,
        Signpost.ADDICTION_HELP,
    }
)


class ReviewState(StrEnum):
    """Where a review stands: waiting for its answer, answered, or over since its hold was lifted."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HardshipDecision:
    """The team's answer as the officer may read it: nothing in it tells what happened.

    `hold_until` is None where collection stays stopped until a person lifts it. `sealed` (base64url)
    is a TeamNote that only the team opens; it never leaves the server.
    """

    disclosure_id: str
    case_id: str
    decided_at: datetime
    reliefs: tuple[Relief, ...]
    signposts: tuple[Signpost, ...] = ()
    hold_until: date | None = None
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class TeamNote:
    """Why it was decided so, and the help that would tell what happened."""

    disclosure_id: str
    reason: str
    signposts: tuple[Signpost, ...] = ()


@dataclass(frozen=True, slots=True)
class HardshipReview:
    """What the team owes a disclosure: an answer by `due`, or another look then once it has answered."""

    disclosure_id: str
    case_id: str
    hold_id: str
    officer_id: str
    opened_at: datetime
    due: date
    state: ReviewState = ReviewState.OPEN
    decision: HardshipDecision | None = None
    decided_by: str | None = None
