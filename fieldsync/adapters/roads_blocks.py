"""Cuts a square of points into blocks a road server can answer, the near ones first."""

from collections.abc import Sequence
from math import isqrt

from fieldsync.domain.place import Point
from fieldsync.planner.travel import straight_metres

# Numbers of the points a block goes from, and of those it goes to.
Block = tuple[tuple[int, ...], tuple[int, ...]]


def near_first(points: Sequence[Point], numbers: Sequence[int], most_pairs: int) -> list[Block]:
    """All pairs of the numbered points, in blocks of `most_pairs` or fewer.

    Short legs are what a day is made of: where the time runs out, the long ones stay estimates.
    """
    groups = _districts(points, tuple(numbers), max(1, isqrt(most_pairs)))
    middles = [_middle([points[n] for n in group]) for group in groups]
    blocks = [
        (straight_metres(middles[i], middles[j]), i, j)
        for i in range(len(groups))
        for j in range(len(groups))
    ]
    return [(groups[i], groups[j]) for _metres, i, j in sorted(blocks)]


def halves(block: Block) -> tuple[Block, Block]:
    """The block cut in two across its longer side; it must have more than one pair."""
    sources, targets = block
    if len(sources) >= len(targets):
        half = len(sources) // 2
        return (sources[:half], targets), (sources[half:], targets)
    half = len(targets) // 2
    return (sources, targets[:half]), (sources, targets[half:])


def _districts(
    points: Sequence[Point], numbers: tuple[int, ...], most: int
) -> list[tuple[int, ...]]:
    """Groups of neighbours, by cutting the longer side of the map in half again and again."""
    if not numbers:
        return []
    if len(numbers) <= most:
        return [numbers]
    lats, lons = [points[n].lat for n in numbers], [points[n].lon for n in numbers]
    tall = max(lats) - min(lats) > max(lons) - min(lons)
    ordered = sorted(numbers, key=lambda n: points[n].lat if tall else points[n].lon)
    # A cut at a multiple of `most` fills the groups.
    half = max(most, len(ordered) // 2 // most * most)
    return [
        *_districts(points, tuple(ordered[:half]), most),
        *_districts(points, tuple(ordered[half:]), most),
    ]


def _middle(points: Sequence[Point]) -> Point:
    return Point(
        sum(point.lat for point in points) / len(points),
        sum(point.lon for point in points) / len(points),
    )
