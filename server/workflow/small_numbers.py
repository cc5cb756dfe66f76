"""Says which counts of a table may be shown, so that no small one can be read or reckoned back.

A count of one to four is about people who could be found again. Where the sum of the table would give
it away, further counts are withheld with it (complementary suppression); the sum is taken to be known
wherever it is not small itself, because another table of the same report may tell it.
"""

from collections.abc import Sequence
from enum import StrEnum
from math import inf

SMALL = 5


class Mark(StrEnum):
    """How a count is shown: as it is, as "<5", or not at all since it would give another away."""

    EXACT = "exact"
    SMALL = "small"
    WITHHELD = "withheld"


def mark_of(count: int) -> Mark:
    """The mark of a count that stands alone; nobody is behind a zero."""
    return Mark.SMALL if 0 < count < SMALL else Mark.EXACT


def marks_of(counts: Sequence[int]) -> tuple[Mark, ...]:
    """A mark for each count of a table, of which every small one keeps two possible values at least."""
    marks = [mark_of(count) for count in counts]
    spare = sorted((c, i) for i, c in enumerate(counts) if c >= SMALL)
    while not _safe(marks, counts):
        if not spare:
            return (Mark.WITHHELD,) * len(counts)
        marks[spare.pop(0)[1]] = Mark.WITHHELD
    return tuple(marks)


def _safe(marks: Sequence[Mark], counts: Sequence[int]) -> bool:
    """Whether the sum and the counts that are shown leave every small count open."""
    total = sum(counts)
    low_sum, high_sum = (1, SMALL - 1) if 0 < total < SMALL else (total, total)
    bounds = [_bounds(mark, count) for mark, count in zip(marks, counts, strict=True)]
    lows, highs = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    for mark, (low, high) in zip(marks, bounds, strict=True):
        if mark is Mark.SMALL:
            least = max(low, low_sum - (highs - high)) if highs < inf else low
            most = min(high, high_sum - (lows - low))
            if most <= least:
                return False
    return True


def _bounds(mark: Mark, count: int) -> tuple[int, float]:
    """What a reader knows of a count by its mark."""
    if mark is Mark.EXACT:
        return count, count
    return (1, SMALL - 1) if mark is Mark.SMALL else (SMALL, inf)
