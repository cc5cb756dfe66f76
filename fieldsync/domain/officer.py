"""Field officers and the pairs they walk in (CN-TWO-PERSONS: a visit takes two)."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from fieldsync.domain.place import Point


@dataclass(frozen=True, slots=True)
class Officer:
    """A collector; `officer_id` is the number on the identity card shown at the door."""

    officer_id: str
    name: str
    branch: str


class TravelMode(StrEnum):
    """How a pair gets about."""

    CAR = "car"
    EBIKE = "ebike"
    FOOT = "foot"


@dataclass(frozen=True, slots=True)
class LunchBreak:
    """A pair's break: so many minutes, beginning between two local times."""

    minutes: int
    earliest: time
    latest: time


@dataclass(frozen=True, slots=True)
class Pair:
    """Two officers who share a day: the unit the planner plans.

    `shift_start` and `shift_end` are local times of the branch (`zone`); `start` and `end` are where
    the day begins and ends; `max_stops` caps the day. `languages` (BCP 47) are what at least one of
    them speaks, `skills` the bank's own words for what they were trained in; empty means that nobody
    said, and then they are sent anywhere. Without `lunch` no break is planned.
    """

    pair_id: str
    branch: str
    officers: tuple[Officer, Officer]
    start: Point
    end: Point
    shift_start: time
    shift_end: time
    zone: str = "Asia/Shanghai"
    max_stops: int = 14
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    mode: TravelMode = TravelMode.CAR
    lunch: LunchBreak | None = None
