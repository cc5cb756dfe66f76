"""The itinerary: the frozen, versioned result of a plan for one pair and one day.

*Plan* is the server's proposal for a branch; *itinerary* is what a pair carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from fieldsync.domain.calendar import Window
from fieldsync.domain.officer import Officer, TravelMode
from fieldsync.domain.place import Point


class VisitKind(StrEnum):
    """What a visit is for; how long it takes depends on it."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    APPOINTMENT = "appointment"
    AGREEMENT = "agreement"
    WELFARE = "welfare"


@dataclass(frozen=True, slots=True)
class LunchRule:
    """What the pair's break must be: its length in seconds and when it may begin."""

    length_s: int
    begins: Window


@dataclass(frozen=True, slots=True)
class RushHour:
    """A span in which the way takes `percent` of its usual time."""

    window: Window
    percent: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One planned visit. `travel_s` and `distance_m` are the leg that leads here.

    `windows` are the spans in which the visit may start (law, wishes and appointment already
    intersected); `why` says in both languages ("en", "zh-CN") why
    this case is on the road today.
    """

    case_id: str
    address_id: str
    point: Point
    arrive: datetime
    start: datetime
    leave: datetime
    windows: tuple[Window, ...]
    service_s: int
    travel_s: int
    distance_m: int
    priority: int
    is_appointment: bool = False
    why: Mapping[str, str] = field(default_factory=dict)
    kind: VisitKind = VisitKind.FIRST


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case the pair may visit today if the day changes: what `replan` chooses from.

    `allowance` is what is left for the day of caps that bank and agencies share, by cap. `needs` are
    the skills and languages of the visit; `prefers` is the pair that met the borrower last.
    """

    case_id: str
    address_id: str
    point: Point
    windows: tuple[Window, ...]
    service_s: int
    priority: int
    is_appointment: bool = False
    why: Mapping[str, str] = field(default_factory=dict)
    allowance: Mapping[str, int] = field(default_factory=dict)
    kind: VisitKind = VisitKind.FIRST
    needs: tuple[str, ...] = ()
    prefers: str = ""


@dataclass(frozen=True, slots=True)
class Itinerary:
    """One pair's day. A republished day has the same `itinerary_id` and a higher `version`.

    `candidates` holds every stop and the spares; `travel_s[i][j]` (seconds) and `distance_m[i][j]`
    (metres) are between the points: 0 the start, 1 the end, then the candidates in order.
    `travel_source` says where the times come from ("geodesic"). `struck` are cases that were taken off
    the day since collection on them stopped; from version `struck_since` on nothing else changed.
    `lunch` is the break as planned, `lunch_rule` what a re-plan must keep of it, `rush` when the way
    takes longer than the matrix says.
    """

    itinerary_id: str
    version: int
    day: date
    branch: str
    pair_id: str
    officers: tuple[Officer, Officer]
    start: Point
    end: Point
    shift: Window
    max_stops: int
    stops: tuple[Stop, ...]
    return_at: datetime
    candidates: tuple[Candidate, ...] = ()
    travel_s: tuple[tuple[int, ...], ...] = ()
    distance_m: tuple[tuple[int, ...], ...] = ()
    travel_source: str = "geodesic"
    zone: str = "Asia/Shanghai"
    struck: tuple[str, ...] = ()
    struck_since: int = 0
    mode: TravelMode = TravelMode.CAR
    lunch: Window | None = None
    lunch_rule: LunchRule | None = None
    rush: tuple[RushHour, ...] = ()
