"""The section [planning] of the settings: how long visits take, what a point is worth, when roads are full."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fieldsync.domain.itinerary import VisitKind
from fieldsync.domain.officer import TravelMode
from fieldsync.errors import InputError
from fieldsync.planner.problem import SECONDS_PER_POINT
from fieldsync.words import words

_MINUTES: Mapping[VisitKind, int] = MappingProxyType(
    {
        # To introduce oneself, show the identity, listen, and explain the choices.
        VisitKind.FIRST: 30,
        VisitKind.FOLLOW_UP: 25,
        VisitKind.APPOINTMENT: 30,
        VisitKind.AGREEMENT: 40,
        VisitKind.WELFARE: 40,
    }
)
_LONGEST_MINUTES, _MOST_PERCENT, _FARTHEST_KM = 240, 400, 2000
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class RushSpan:
    """A span of every day in which the way takes `percent` of its usual time, 100 or more."""

    begin: time
    end: time
    percent: int


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """What a plan takes for granted. `most_km` is how far from its branch a place may truly lie."""

    service_minutes: Mapping[VisitKind, int] = field(default_factory=lambda: _MINUTES)
    seconds_per_point: int = SECONDS_PER_POINT
    most_km: int = 300
    rush: Mapping[TravelMode, tuple[RushSpan, ...]] = field(default_factory=dict)


def read_planning(section: object, path: Path) -> PlanningSettings:
    """The settings in the section; InputError 422.571 naming the setting that is wrong."""
    if not isinstance(section, Mapping):
        raise _wrong("planning", path)
    readers: Mapping[str, Callable[[object, str, Path], Any]] = {
        "service_minutes": _service_minutes,
        "seconds_per_point": _whole(1, 3600),
        "most_km": _whole(1, _FARTHEST_KM),
        "rush": _rush,
    }
    unknown = next((name for name in section if name not in readers), None)
    if unknown is not None:
        raise _wrong(f"planning.{unknown}", path)
    return PlanningSettings(
        **{name: readers[name](value, f"planning.{name}", path) for name, value in section.items()}
    )


def _whole(least: int, most: int) -> Callable[[object, str, Path], int]:
    def read(value: object, name: str, path: Path) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _wrong(name, path)
        return value

    return read


def _service_minutes(value: object, name: str, path: Path) -> Mapping[VisitKind, int]:
    if not isinstance(value, Mapping):
        raise _wrong(name, path)
    read, said = _whole(1, _LONGEST_MINUTES), dict(_MINUTES)
    for kind, minutes in value.items():
        if kind not in list(VisitKind):
            raise _wrong(f"{name}.{kind}", path)
        said[VisitKind(kind)] = read(minutes, f"{name}.{kind}", path)
    return said


def _rush(value: object, name: str, path: Path) -> Mapping[TravelMode, tuple[RushSpan, ...]]:
    if not isinstance(value, Mapping):
        raise _wrong(name, path)
    said = {}
    for mode, spans in value.items():
        if mode not in list(TravelMode) or not isinstance(spans, list):
            raise _wrong(f"{name}.{mode}", path)
        read = [_span(span, f"{name}.{mode}", path) for span in spans]
        if any(a.end > b.begin for a, b in pairwise(read)):
            raise _wrong(f"{name}.{mode}", path)
        said[TravelMode(mode)] = tuple(read)
    return said


def _span(value: object, name: str, path: Path) -> RushSpan:
    """`["07:30", "09:30", 130]`: from, until, percent of the usual time."""
    match value:
        case [str(begin), str(end), int(percent)] if _CLOCK.fullmatch(begin) and _CLOCK.fullmatch(
            end
        ):
            span = RushSpan(time.fromisoformat(begin), time.fromisoformat(end), percent)
            if span.begin < span.end and 100 <= percent <= _MOST_PERCENT:  # noqa: PLR2004 - percent
                return span
    raise _wrong(name, path)


def _wrong(name: str, path: Path) -> InputError:
    return InputError(
        "422.571",
        words("The setting {name} in {path} cannot be read.", name=name, path=str(path)),
        words("docs/reference/settings.md says what [planning] takes."),
    )
