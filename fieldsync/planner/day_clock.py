"""Between instants on a calendar and the planner's whole seconds of a day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fieldsync.domain.calendar import Window


@dataclass(frozen=True, slots=True)
class DayClock:
    """Counts seconds from `origin` (aware). Counted in UTC, so that a clock change counts as it lasts."""

    origin: datetime

    def seconds(self, instant: datetime) -> int:
        """Whole seconds since the origin, rounded up: nobody is anywhere early."""
        since = instant.astimezone(UTC) - self.origin.astimezone(UTC)
        return math.ceil(since.total_seconds())

    def instant(self, seconds: int) -> datetime:
        """The instant, in the origin's zone."""
        there = self.origin.astimezone(UTC) + timedelta(seconds=seconds)
        return there.astimezone(self.origin.tzinfo)

    def spans(self, windows: Sequence[Window]) -> tuple[tuple[int, int], ...]:
        """First and last second in which something may start; a window's end is outside it."""
        return tuple(
            (self.seconds(w.start), self.seconds(w.end) - 1)
            for w in sorted(windows)
            if self.seconds(w.start) < self.seconds(w.end)
        )


def start_windows(windows: Sequence[Window], service_s: int) -> tuple[Window, ...]:
    """The spans in which a visit may START so that it also ends in its window."""
    spans = (Window(w.start, w.end - timedelta(seconds=service_s)) for w in windows)
    return tuple(span for span in spans if span.start < span.end)
