"""Windows: spans of time between two instants that carry their offsets."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open span of time [start, end)."""

    start: datetime
    end: datetime

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies in the window; its end does not belong to it."""
        return self.start <= instant < self.end

    def intersect(self, other: "Window") -> "Window | None":
        """The common part, or None where there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None


def intersect_all(left: tuple[Window, ...], right: tuple[Window, ...]) -> tuple[Window, ...]:
    """Every common part of two sets of windows, in order."""
    common = (a.intersect(b) for a in left for b in right)
    return tuple(sorted(window for window in common if window is not None))
