"""Notices places that cannot be right: farther from the branch than anybody drives, or swapped round."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from fieldsync.domain.officer import Pair
from fieldsync.domain.place import Point
from fieldsync.words import Words, words

_KM_A_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The middle of where the pairs begin their day, and how far around it places may lie."""

    middle: Point
    most_km: int

    @classmethod
    def of(cls, pairs: Sequence[Pair], most_km: int) -> "Surroundings":
        """Around the median of the pairs' starts, which one pair far out does not move."""
        lat = statistics.median(pair.start.lat for pair in pairs)
        lon = statistics.median(pair.start.lon for pair in pairs)
        return cls(Point(lat, lon), most_km)

    def wrong_with(self, point: Point) -> Words | None:
        """What is wrong with a place, or None."""
        away = self._km(point.lat, point.lon)
        if away <= self.most_km:
            return None
        if self._km(point.lon, point.lat) <= self.most_km:
            return words(
                "The address lies {km} km from the branch: latitude and longitude are swapped.",
                km=round(away),
            )
        return words(
            "The address lies {km} km from the branch. Check its coordinates.", km=round(away)
        )

    def _km(self, lat: float, lon: float) -> float:
        """About how far; exact enough to tell a district from another continent."""
        across = (lon - self.middle.lon + 180) % 360 - 180
        east = across * math.cos(math.radians((lat + self.middle.lat) / 2))
        return math.hypot(lat - self.middle.lat, east) * _KM_A_DEGREE
