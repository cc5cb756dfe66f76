"""Breathing space: how long a moratorium lasts, and what it means while it runs (SI 2020/1311).

A moratorium is a hold of the office whose source names its kind: it reaches every device like any
other hold, ends by itself on its day, and sets the flag that the rules ask for while it runs.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from fieldsync.conduct.local_time import zone_of
from fieldsync.domain.case import Case, Flag, Hold

# What the source of every such hold begins with.
SOURCE = "moratorium:"
# Regulations 26 and 32: sixty days from its first, or thirty after crisis treatment has ended.
_BREATHING_SPACE_DAYS = 60
_AFTER_TREATMENT_DAYS = 30


class MoratoriumKind(StrEnum):
    """The two kinds that the regulations know."""

    BREATHING_SPACE = "breathing_space"
    CRISIS = "crisis"


_FLAGS = {
    MoratoriumKind.BREATHING_SPACE: Flag.BREATHING_SPACE,
    MoratoriumKind.CRISIS: Flag.CRISIS_MORATORIUM,
}


def source_of(kind: MoratoriumKind) -> str:
    """What a hold of this kind says of where it comes from."""
    return f"{SOURCE}{kind.value}"


def kind_of_hold(hold: Hold) -> MoratoriumKind | None:
    """The kind of moratorium that the hold is, or None."""
    known = (kind for kind in MoratoriumKind if source_of(kind) == hold.source)
    return next(known, None)


def begins(first: date, zone: str) -> datetime:
    """Midnight at the borrower's place on the first day."""
    return datetime.combine(first, time(), zone_of(zone))


def ends(
    kind: MoratoriumKind, first: date, treatment_ends: date | None, zone: str
) -> datetime | None:
    """The first instant after it; None for a crisis whose treatment has no end yet."""
    if kind is MoratoriumKind.BREATHING_SPACE:
        return begins(first + timedelta(days=_BREATHING_SPACE_DAYS), zone)
    if treatment_ends is None:
        return None
    return begins(treatment_ends + timedelta(days=_AFTER_TREATMENT_DAYS), zone)


def flags_in_force(holds: Iterable[Hold], at: datetime) -> frozenset[Flag]:
    """The flags of the moratoria that run at that instant."""
    running = (kind_of_hold(hold) for hold in holds if runs(hold, at))
    return frozenset(_FLAGS[kind] for kind in running if kind is not None)


def is_frozen(case: Case, at: datetime) -> bool:
    """Whether interest and fees stand still: nothing may be agreed that adds any."""
    return bool(frozenset(_FLAGS.values()) & (case.flags | flags_in_force(case.holds, at)))


def runs(hold: Hold, at: datetime) -> bool:
    """Whether the hold counts at that instant."""
    return hold.since <= at and (hold.until is None or at < hold.until)
