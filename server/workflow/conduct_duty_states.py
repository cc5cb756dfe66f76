"""Tells whether what was promised or owed was done: promises to pay, agreements, answers with a due day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from fieldsync.domain.case import Case
from fieldsync.domain.money import Money
from server.store.conduct_records import Recorded


class PromiseState(StrEnum):
    """What became of a promise to pay."""

    KEPT = "kept"
    IN_PART = "in_part"
    NOT_KEPT = "not_kept"
    NOT_DUE = "not_due"


def promise_states(
    finished: Iterable[Recorded], known: Mapping[str, Case], zone: ZoneInfo, today: date
) -> list[str]:
    """Where each promise stands that was recorded at the end of a visit.

    The payments from the day it was made to the day it named are held against it. A promise whose
    day is not over can only have been kept already.
    """
    found = []
    for record in finished:
        promise = record.payload.get("promise")
        case = known.get(record.case_id)
        if promise and case:
            found.append(_state(promise, case, record.at.astimezone(zone).date(), today).value)
    return found


def _state(promise: Mapping[str, Any], case: Case, made_on: date, today: date) -> PromiseState:
    promised = Money(promise["amount_minor"], promise["currency"])
    by = date.fromisoformat(promise["date"])
    paid = sum(
        payment.amount.amount_minor
        for payment in case.payments
        if made_on <= payment.on <= by and payment.amount.currency == promised.currency
    )
    if paid >= promised.amount_minor:
        return PromiseState.KEPT
    if by >= today:
        return PromiseState.NOT_DUE
    return PromiseState.IN_PART if paid else PromiseState.NOT_KEPT


class DutyState(StrEnum):
    """Whether something owed by a day was done in time."""

    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"
    OVERDUE = "overdue"


def duty_state(due: date, done_at: datetime | None, zone: ZoneInfo, today: date) -> str:
    """How a duty stands on a day; the due day itself is in time."""
    if done_at is not None:
        on = done_at.astimezone(zone).date()
        return (DutyState.IN_TIME if on <= due else DutyState.LATE).value
    return (DutyState.OPEN if today <= due else DutyState.OVERDUE).value
