"""Where a record of the journal can stand."""

from enum import StrEnum


class JournalState(StrEnum):
    """Where a record stands; `sent` is stored by the server and not yet answered."""

    UNSENT = "unsent"
    SENT = "sent"
    ACCEPTED = "accepted"
    HELD = "held"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
