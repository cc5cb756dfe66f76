"""What Valhalla is asked for and how its answers are read, whether it runs behind HTTP or in here.

Checked against Valhalla 3.9.1. Its documentation is at https://valhalla.github.io/valhalla/api/.
"""

import math
from collections.abc import Sequence
from typing import Any, Protocol

from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.errors import UnreachableError
from fieldsync.words import words

# The server's own limit on the pairs of one question, unless its operator changed it.
USUAL_PAIRS = 2500
# A pedal bicycle's costing at the pace of an e-bike in traffic, which does not mind a hill.
_COSTING: dict[TravelMode, dict[str, object]] = {
    TravelMode.CAR: {"costing": "auto"},
    TravelMode.EBIKE: {
        "costing": "bicycle",
        "costing_options": {
            "bicycle": {"bicycle_type": "Hybrid", "cycling_speed": 20, "use_hills": 0.9}
        },
    },
    TravelMode.FOOT: {"costing": "pedestrian"},
}
# Seconds and metres of a pair; None where no way is known.
Leg = tuple[int, int] | None


class RoadRefusedError(Exception):
    """Valhalla understood the question and said no; `code` is its own number of the reason."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RoadEngine(Protocol):
    """A Valhalla that can be asked. Whatever goes wrong is an UnreachableError 502.1x."""

    @property
    def largest(self) -> int:
        """The most pairs that one question may have."""
        ...

    def ask(self, action: str, question: dict[str, object]) -> Any:
        """Its answer, JSON already read; RoadRefusedError where it says no."""
        ...


def version_of(engine: RoadEngine) -> tuple[str, str]:
    """The engine's name with its version, and the same with the age of its map (for a cache)."""
    said = engine.ask("status", {})
    version = said.get("version") if isinstance(said, dict) else None
    if not isinstance(version, str):
        raise unreadable()
    name = f"valhalla {version[:20]}"
    return name, f"{name} {said.get('tileset_last_modified', '')}"


def placed_on_roads(engine: RoadEngine, points: Sequence[Point], mode: TravelMode) -> list[bool]:
    """Which points its map has a way near: one that has none spoils every question it is part of."""
    said = engine.ask("locate", {"locations": _places(points), "verbose": False, **_COSTING[mode]})
    if not isinstance(said, list) or len(said) != len(points):
        raise unreadable()
    return [bool(isinstance(one, dict) and (one.get("edges") or one.get("nodes"))) for one in said]


def ask_block(
    engine: RoadEngine, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode
) -> list[list[Leg]]:
    """The legs from each source to each target."""
    question = {
        "sources": _places(sources),
        "targets": _places(targets),
        "verbose": False,
        "units": "kilometers",
        **_COSTING[mode],
    }
    said = engine.ask("sources_to_targets", question)
    table = said.get("sources_to_targets") if isinstance(said, dict) else None
    if not isinstance(table, dict):
        raise unreadable()
    seconds = _grid(table.get("durations"), len(sources), len(targets))
    kilometres = _grid(table.get("distances"), len(sources), len(targets))
    return [
        [_leg(s, km) for s, km in zip(row, ways, strict=True)]
        for row, ways in zip(seconds, kilometres, strict=True)
    ]


def unreadable() -> UnreachableError:
    """An answer that is no table, perhaps cut off on the way."""
    return UnreachableError("502.12", words("The road server's answer cannot be read."))


def _places(points: Sequence[Point]) -> list[dict[str, float]]:
    return [{"lat": point.lat, "lon": point.lon} for point in points]


def _grid(said: Any, rows: int, columns: int) -> list[list[Any]]:
    if not isinstance(said, list) or len(said) != rows:
        raise unreadable()
    if not all(isinstance(row, list) and len(row) == columns for row in said):
        raise unreadable()
    return said


def _leg(seconds: Any, kilometres: Any) -> Leg:
    if not (_is_amount(seconds) and _is_amount(kilometres)):
        return None
    return math.ceil(seconds), round(kilometres * 1000)


def _is_amount(said: Any) -> bool:
    """A finite number of a day's journey at most; anything else is as good as unknown."""
    return isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said < 100_000  # noqa: PLR2004 - a day has 86,400 seconds, and a country fewer kilometres
