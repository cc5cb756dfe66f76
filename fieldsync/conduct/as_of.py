"""The case as it stood when a record was made: what came after it is left out.

Clocks tell the order of what different people recorded. Within one device's log the numbers do,
whatever its clock said: clocks jump back, and a practice clock begins anew with each command.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fieldsync.domain.case import AgreementState, Case, Channel, ContactAttempt, Hold, HoldKind


@dataclass(frozen=True, slots=True)
class LogOrder:
    """Which holds and visits stand before a record in its own device's log, and which after.

    Holds are named by id, visits by the instant at which they began.
    """

    holds_before: frozenset[str] = frozenset()
    holds_after: frozenset[str] = frozenset()
    visits_before: frozenset[datetime] = frozenset()
    visits_after: frozenset[datetime] = frozenset()


BY_CLOCK = LogOrder()


def as_of(case: Case, instant: datetime, order: LogOrder = BY_CLOCK) -> Case:
    """The case without the contacts after the record, the holds from it on and the agreement behind one.

    What the log has before the record counts as having happened by `instant`, the record's own time.
    """
    holds = tuple(_holds_until(case.holds, instant, order))
    standing = {hold.hold_id for hold in holds}
    later = {hold.kind for hold in case.holds if hold.hold_id not in standing}
    return dataclasses.replace(
        case,
        contacts=tuple(_contacts_until(case.contacts, instant, order)),
        holds=holds,
        agreement_state=AgreementState.NONE
        if HoldKind.AGREEMENT in later
        else case.agreement_state,
    )


def _holds_until(holds: Iterable[Hold], instant: datetime, order: LogOrder) -> Iterable[Hold]:
    for hold in holds:
        if hold.hold_id in order.holds_before:
            yield dataclasses.replace(hold, since=min(hold.since, instant))
        elif hold.hold_id not in order.holds_after and hold.since < instant:
            yield hold


def _contacts_until(
    contacts: Iterable[ContactAttempt], instant: datetime, order: LogOrder
) -> Iterable[ContactAttempt]:
    for attempt in contacts:
        is_visit = attempt.channel is Channel.VISIT
        if is_visit and attempt.at in order.visits_before:
            yield dataclasses.replace(attempt, at=min(attempt.at, instant))
        elif attempt.at <= instant and not (is_visit and attempt.at in order.visits_after):
            yield attempt
