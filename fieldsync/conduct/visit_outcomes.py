"""What a visit's outcome means for the case: who was reached, whether collection stops, whether the address is wrong."""

from datetime import datetime

from fieldsync.domain.case import Hold, HoldKind, Reached
from fieldsync.domain.visit import OutcomeCode

# What somebody said at the door that stops collection until the office has answered.
STOPPING_OUTCOMES = {
    OutcomeCode.HARDSHIP: HoldKind.HARDSHIP,
    OutcomeCode.DISPUTE: HoldKind.DISPUTE,
    OutcomeCode.REPRESENTED: HoldKind.OFFICE,
    OutcomeCode.CEASE_REQUEST: HoldKind.OFFICE,
    OutcomeCode.DECEASED: HoldKind.OFFICE,
    OutcomeCode.DETAINED: HoldKind.OFFICE,
}
# The borrower is not to be found at the address; nobody is sent there again until the bank corrects it.
WRONG_ADDRESS = frozenset(
    {
        OutcomeCode.MOVED,
        OutcomeCode.ADDR_NOT_EXIST,
        OutcomeCode.DEMOLISHED,
        OutcomeCode.ADDR_WRONG,
    }
)
PROMISES = frozenset({OutcomeCode.PTP, OutcomeCode.PTP_PARTIAL})
_THIRD_PARTY = frozenset(
    {
        OutcomeCode.MET_SPOUSE,
        OutcomeCode.MET_FAMILY,
        OutcomeCode.MET_COLLEAGUE,
        OutcomeCode.MET_OTHER,
        # Nobody says this of themselves.
        OutcomeCode.DECEASED,
        OutcomeCode.DETAINED,
    }
)
# Where an outcome does not say who spoke, the borrower is taken to have: the stricter caps apply.
_DEBTOR = frozenset(
    {
        OutcomeCode.MET_DEBTOR,
        OutcomeCode.REFUSED_TALK,
        OutcomeCode.REFUSED_PAY,
        OutcomeCode.PTP,
        OutcomeCode.PTP_PARTIAL,
        OutcomeCode.PLAN_SIGNED,
        OutcomeCode.PAID,
        OutcomeCode.DISPUTE,
        OutcomeCode.HARDSHIP,
        OutcomeCode.REPRESENTED,
        OutcomeCode.ASKED_TO_LEAVE,
        OutcomeCode.CEASE_REQUEST,
    }
)


def reached_by(outcome: OutcomeCode | None) -> Reached:
    """Whom the visit reached, as contact history counts it; a visit still under way reached nobody yet."""
    if outcome in _DEBTOR:
        return Reached.DEBTOR
    return Reached.THIRD_PARTY if outcome in _THIRD_PARTY else Reached.NONE


def hold_after(outcome: OutcomeCode, hold_id: str, since: datetime, source: str) -> Hold | None:
    """The hold that the outcome brings, or None; only a person's decision ends it."""
    kind = STOPPING_OUTCOMES.get(outcome)
    return None if kind is None else Hold(hold_id, kind, since, source)


def hold_after_stop(hold_id: str, since: datetime, visit_id: str) -> Hold:
    """The hold that breaking off a visit brings, whatever the cause; only a person's decision ends it."""
    return Hold(hold_id, HoldKind.OFFICE, since, f"visit:{visit_id}")
