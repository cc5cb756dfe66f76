"""Reads the routing instances that researchers share: Solomon's VRPTW, and TOPTW (c, r, rc and pr)."""

from dataclasses import dataclass
from decimal import Decimal
from math import hypot
from pathlib import Path

_VRPTW_FIELDS = 7
_TOPTW_FIELDS = 7


@dataclass(frozen=True, slots=True)
class Place:
    """A client, or the depot (number 0); times in the file's own unit."""

    number: int
    x: Decimal
    y: Decimal
    service: Decimal
    opens: Decimal
    closes: Decimal
    demand: int = 0
    profit: int = 0


@dataclass(frozen=True, slots=True)
class Instance:
    """One file; `scale` is 10 or 100: distances count in tenths or hundredths, cut off."""

    name: str
    places: tuple[Place, ...]
    scale: int
    vehicles: int = 1
    capacity: int = 0

    def ticks(self, value: Decimal) -> int:
        """A time of the file in whole tenths or hundredths."""
        return int(value * self.scale)

    def distance(self, a: int, b: int) -> int:
        """The distance between two places, cut off after its last digit."""
        one, other = self.places[a], self.places[b]
        return int(hypot(one.x - other.x, one.y - other.y) * self.scale + 1e-9)


def read_vrptw(path: Path) -> Instance:
    """A Solomon file: fleet, capacity, then number, x, y, demand, ready, due, service."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    fleet = next(i for i, row in enumerate(rows) if row[:1] == ["NUMBER"])
    vehicles, capacity = (int(cell) for cell in rows[fleet + 1])
    places = []
    for row in rows[fleet + 2 :]:
        if len(row) == _VRPTW_FIELDS and row[0].isdigit():
            number, x, y, demand, opens, closes, service = map(Decimal, row)
            places.append(Place(int(number), x, y, service, opens, closes, demand=int(demand)))
    return Instance(path.stem.lower(), tuple(places), 10, vehicles, capacity)


def read_toptw(path: Path) -> Instance:
    """A TOPTW file: two head lines, then number, x, y, service, profit, ..., opening, closing."""
    places = []
    for line in path.read_text(encoding="utf-8").splitlines()[2:]:
        row = line.split()
        if len(row) < _TOPTW_FIELDS:
            continue
        number, x, y, service, profit = map(Decimal, row[:5])
        opens, closes = map(Decimal, row[-2:])
        places.append(Place(int(number), x, y, service, opens, closes, profit=int(profit)))
    scale = 100 if path.stem.startswith("pr") else 10
    return Instance(path.stem.lower(), tuple(places), scale)
