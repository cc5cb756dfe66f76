"""How much a visit matters today, 1 to 100, with the reasons that made the number.

The number decides who is visited when not all can be; what the law says is decided elsewhere.
Gravity of the debt raises it; a person who pays, or who is in a hard time, lowers it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from fieldsync.domain.case import Case, Channel, Flag, Reached
from fieldsync.words import Words, words

POINTS_MIN, POINTS_MAX = 1, 100
APPOINTMENT_POINTS = 100

# First day past due of a stage, and its points: a visit helps most while a plan can still be kept.
_STAGES = ((361, 40), (181, 50), (91, 60), (61, 50), (31, 35), (1, 20), (0, 1))
# Outstanding debt in whole currency units from which on these points are added.
_AMOUNTS = ((100_000, 20), (50_000, 15), (20_000, 10), (5_000, 5))
_RECENT = timedelta(days=30)
_CONTINUITY = timedelta(days=60)
_ATTEMPTS_IN_VAIN = 3
_HARD_TIMES = frozenset({Flag.VULNERABLE, Flag.BEREAVEMENT, Flag.CALAMITY})


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason and the points it adds or takes away."""

    points: int
    reason: Words


@dataclass(frozen=True, slots=True)
class Priority:
    """The points, and what they are made of; the factors add up before they are capped."""

    points: int
    factors: tuple[Factor, ...]


def priority(case: Case, day: date, *, is_appointment: bool = False) -> Priority:
    """The priority of visiting a case on a day.

    An appointment of that day has 100 points and one reason: somebody waits.
    """
    if is_appointment:
        factor = Factor(APPOINTMENT_POINTS, words("a time was agreed"))
        return Priority(APPOINTMENT_POINTS, (factor,))
    factors = tuple(f for rule in _RULES if (f := rule(case, day)) is not None)
    points = sum(factor.points for factor in factors)
    return Priority(min(POINTS_MAX, max(POINTS_MIN, points)), factors)


def _stage(case: Case, day: date) -> Factor | None:
    days = case.loan.days_past_due_on(day)
    points = next((p for first, p in _STAGES if days >= first), POINTS_MIN)
    return Factor(points, words("{days} days past due", days=days))


def _amount(case: Case, day: date) -> Factor | None:
    _ = day
    owed = case.loan.outstanding
    points = next((p for first, p in _AMOUNTS if owed.decimal >= first), 0)
    return Factor(points, words("{amount} outstanding", amount=str(owed))) if points else None


def _in_vain(case: Case, day: date) -> Factor | None:
    recent = [c for c in case.contacts if day - _RECENT <= c.at.date() <= day]
    if len(recent) < _ATTEMPTS_IN_VAIN or any(c.reached is Reached.DEBTOR for c in recent):
        return None
    return Factor(10, words("not reached in {count} attempts in 30 days", count=len(recent)))


def _broken_promise(case: Case, day: date) -> Factor | None:
    promised = [c.promise_until for c in case.contacts if c.promise_until is not None]
    if not promised or max(promised) >= day:
        return None
    last = max(promised)
    if any(payment.on <= day and payment.on >= last - _RECENT for payment in case.payments):
        return None
    return Factor(5, words("a promise of payment by {day} passed", day=last.isoformat()))


def _continuity(case: Case, day: date) -> Factor | None:
    met = any(
        c.channel is Channel.VISIT
        and c.reached is Reached.DEBTOR
        and day - c.at.date() <= _CONTINUITY
        for c in case.contacts
    )
    return Factor(5, words("a conversation at the door can be continued")) if met else None


def _paying(case: Case, day: date) -> Factor | None:
    paid = any(day - _RECENT <= payment.on <= day for payment in case.payments)
    return Factor(-15, words("paid something in the last 30 days")) if paid else None


def _hard_time(case: Case, day: date) -> Factor | None:
    _ = day
    if not case.flags & _HARD_TIMES:
        return None
    return Factor(-20, words("in a hard time, so only where it helps"))


_RULES = (_stage, _amount, _in_vain, _broken_promise, _continuity, _paying, _hard_time)
