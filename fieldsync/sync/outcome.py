"""What the server answers to an operation, with a reason in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OutcomeKind(StrEnum):
    """Where a stored operation stands. Only `held` and `in_review` can still change."""

    ACCEPTED = "accepted"
    HELD = "held"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a stable code and whole sentences: `message` maps "en" and "zh-CN" to text."""

    code: str
    message: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one operation; `reason` is absent only where it was simply accepted."""

    kind: OutcomeKind
    reason: Reason | None = None
