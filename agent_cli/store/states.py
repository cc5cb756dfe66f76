"""Where a record of the journal can stand."""

from enum import StrEnum


class JournalState(StrEnum):
    """Where a record stands; `sent` is stored by the server and not yet answered.

    `quarantined` is kept by the server outside the device's log, until a person decides.
    """

    UNSENT = "unsent"
    SENT = "sent"
    ACCEPTED = "accepted"
    HELD = "held"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
