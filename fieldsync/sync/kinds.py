"""The kinds of operation a device may add; a payload schema stands behind each in `schemas`."""

from enum import StrEnum


class OperationKind(StrEnum):
    """What an operation tells."""

    VISIT_START = "visit.start"
    VISIT_STEP = "visit.step"
    VISIT_STOP = "visit.stop"
    VISIT_EVIDENCE = "visit.evidence"
    VISIT_NOTE = "visit.note"
    VISIT_FINISH = "visit.finish"
    VISIT_REFUSED = "visit.refused"
    HARDSHIP_DISCLOSE = "hardship.disclose"
    HARDSHIP_WITHDRAW = "hardship.withdraw"
    AGREEMENT_SIGN = "agreement.sign"
    ITINERARY_REPLAN = "itinerary.replan"
    COMPLAINT_RECORD = "complaint.record"
    CORRECTION_PROPOSE = "correction.propose"
    CHECK_IN_KEY = "officer.check_in_key"


# What stands in the place of a record that was deleted as the law asks; no device sends it.
PURGED = "record.purged"
# Remarks from which nothing follows: a later signature of the same log vouches for them. Whatever
# stops collection, counts as a visit or binds a person is proved by a signature of its own. So are the
# steps of a visit: who let whom in, and when, is what a complaint turns on.
VOUCHED_FOR = frozenset(
    {OperationKind.VISIT_NOTE, OperationKind.VISIT_REFUSED, OperationKind.ITINERARY_REPLAN}
)
# A push sends these first: whatever stops collection must not wait behind notes.
URGENT = frozenset({OperationKind.HARDSHIP_DISCLOSE, OperationKind.VISIT_STOP})
