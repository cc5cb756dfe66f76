"""Draws a branch's day by the clock: a row a pair, with shift, ways, visits, breaks and agreed windows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.locale import _

_LABEL, _WIDE, _ROW, _TOP, _BAR = 86.0, 1000.0, 28.0, 26.0, 16.0
_LEAST = 2.0


class _Clock:
    """From an instant to a place on the sheet; whole hours from the first shift to the last return."""

    def __init__(self, days: Sequence[Itinerary]) -> None:
        first = min(day.shift.start for day in days)
        last = max(max(day.shift.end, day.return_at) for day in days)
        self.begin = first.replace(minute=0, second=0, microsecond=0)
        self.hours = -int(-(last - self.begin).total_seconds() // 3600)

    def x(self, instant: datetime) -> float:
        """Pixels from the left."""
        return _LABEL + _WIDE * (instant - self.begin).total_seconds() / (3600 * self.hours)


def draw_gantt(days: Sequence[Itinerary]) -> str:
    """The picture as SVG; every bar tells its case and times on hovering, the table tells the sums."""
    clock = _Clock(days)
    height = _TOP + _ROW * len(days) + 6
    rows = "".join(_row(day, _TOP + _ROW * place, clock) for place, day in enumerate(days))
    label = escape(_("The pairs' day by the clock; the table below has the sums."))
    return (
        f'<svg class="gantt" viewBox="0 0 {_LABEL + _WIDE + 14:.0f} {height:.0f}" role="img" '
        f'aria-label="{label}">{_hours(clock, height)}{rows}</svg>'
    )


def _hours(clock: _Clock, height: float) -> str:
    parts = []
    for number in range(clock.hours + 1):
        at = clock.begin + timedelta(hours=number)
        x = clock.x(at)
        parts.append(
            f'<path class="hour" d="M{x:.1f},{_TOP - 6:.0f} V{height:.0f}"/>'
            f'<text class="hour" x="{x:.1f}" y="14">{at:%H}</text>'
        )
    return "".join(parts)


def _row(day: Itinerary, top: float, clock: _Clock) -> str:
    middle = top + _BAR / 2
    shift = _rect("shift", clock.x(day.shift.start), clock.x(day.shift.end), top - 3, _BAR + 6)
    name = f'<text class="pair" x="0" y="{middle + 4:.1f}">{escape(day.pair_id)}</text>'
    inside = "".join(_visit(number, stop, top, clock) for number, stop in enumerate(day.stops, 1))
    return f"<g>{shift}{name}{_ways(day, middle, clock)}{_lunch(day, top, clock)}{inside}</g>"


def _ways(day: Itinerary, middle: float, clock: _Clock) -> str:
    if not day.stops:
        return ""
    spans = [(s.arrive - timedelta(seconds=s.travel_s), s.arrive) for s in day.stops]
    spans.append((day.stops[-1].leave, day.return_at))
    return "".join(
        f'<path class="way" d="M{clock.x(a):.1f},{middle:.1f} H{clock.x(b):.1f}"/>'
        for a, b in spans
    )


def _lunch(day: Itinerary, top: float, clock: _Clock) -> str:
    if day.lunch is None:
        return ""
    span = f"{day.lunch.start:%H:%M}-{day.lunch.end:%H:%M}"
    box = _rect("lunch", clock.x(day.lunch.start), clock.x(day.lunch.end), top, _BAR)
    return f"<g><title>{escape(_('Lunch'))} {span}</title>{box}</g>"


def _visit(number: int, stop: Stop, top: float, clock: _Clock) -> str:
    kind = "visit agreed" if stop.is_appointment else "visit"
    left, right = clock.x(stop.start), clock.x(stop.leave)
    window = ""
    if stop.is_appointment:
        window = "".join(
            _rect("window", clock.x(w.start), clock.x(w.end), top + _BAR + 1, 3)
            for w in stop.windows
        )
    told = f"{number}. {stop.case_id} {stop.start:%H:%M}-{stop.leave:%H:%M}"
    return (
        f'<g class="{kind}"><title>{escape(told)}</title>{_rect("at", left, right, top, _BAR)}'
        f'<text x="{(left + right) / 2:.1f}" y="{top + 12:.1f}">{number}</text></g>{window}'
    )


def _rect(name: str, left: float, right: float, top: float, high: float) -> str:
    wide = max(right - left, _LEAST)
    return (
        f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{high:.1f}" rx="2"/>'
    )
