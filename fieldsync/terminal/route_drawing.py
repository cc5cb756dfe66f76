"""Draws a day as two pictures in SVG: the route on the ground, and the shift along the clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.domain.place import Point
from fieldsync.locale import render
from fieldsync.terminal.basemap import Basemap, Bounds, tiles_svg
from fieldsync.words import words

_WIDTH, _HEIGHT, _MARGIN = 760.0, 540.0, 54.0
_MARKER = 14.0
# Markers nearer than this are pushed apart, so that two doors in one house can both be read.
_APART = 2 * _MARKER + 3
_ROUNDS = 60
_STAYED = 2.0
_METRES_A_DEGREE = 111_195.0
_SCALE_BARS_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_SCALE_BAR_MOST = 160.0
_KILOMETRE = 1000
_CLOCK_HEIGHT = 92.0


@dataclass(frozen=True, slots=True)
class _Sheet:
    """From WGS-84 to the sheet: north is up, a metre is as long in every direction."""

    west: float
    north: float
    shrink: float
    scale: float
    left: float
    top: float

    def at(self, point: Point) -> tuple[float, float]:
        """Where the point lies on the sheet."""
        return (
            self.left + (point.lon - self.west) * self.shrink * self.scale,
            self.top + (self.north - point.lat) * self.scale,
        )

    @property
    def bounds(self) -> Bounds:
        """What of the earth the whole sheet shows, its margins included."""
        wide, high = self.shrink * self.scale, self.scale
        west, north = self.west - self.left / wide, self.north + self.top / high
        return Bounds(west, north - _HEIGHT / high, west + _WIDTH / wide, north)


def _sheet(points: Sequence[Point]) -> _Sheet:
    west, east = min(p.lon for p in points), max(p.lon for p in points)
    south, north = min(p.lat for p in points), max(p.lat for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-4), max(north - south, 1e-4)
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_HEIGHT - 2 * _MARGIN) / high)
    left, top = (_WIDTH - wide * scale) / 2, (_HEIGHT - high * scale) / 2
    return _Sheet(west, north, shrink, scale, left, top)


def draw_route(
    itinerary: Itinerary, names: dict[str, str], language: str, basemap: Basemap | None = None
) -> str:
    """The route: legs with arrows, stops numbered in order, spares as small rings, a scale."""
    stops = itinerary.stops
    spares = itinerary.candidates
    sheet = _sheet([itinerary.start, itinerary.end, *(stop.point for stop in stops)])
    true = [sheet.at(stop.point) for stop in stops]
    home, end = sheet.at(itinerary.start), sheet.at(itinerary.end)
    placed = _apart([home, *true])[1:]
    visited = {stop.case_id for stop in stops}
    tiles = tiles_svg(basemap, sheet.bounds, sheet.at) if basemap else ()
    parts = [
        *tiles,
        *(
            _ring(place, c.case_id)
            for c in spares
            if c.case_id not in visited and _is_on_sheet(place := sheet.at(c.point))
        ),
        *_legs([home, *placed, end]),
        *(_tether(a, b) for a, b in zip(true, placed, strict=True)),
        _house(end),
        _house(home),
        *(
            _marker(number, placed, stop, names.get(stop.case_id, stop.case_id))
            for number, stop in enumerate(stops, 1)
        ),
        _scale_bar(sheet),
    ]
    title = escape(render(words("Route of {pair_id}", pair_id=itinerary.pair_id), language))
    return (
        f'<svg class="route" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{title}">{"".join(parts)}</svg>'
    )


def _apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The places with those that overlap pushed apart; the first one stays where it is."""
    moved = [list(place) for place in places]
    for _ in range(_ROUNDS):
        for i in range(len(moved)):
            for j in range(i):
                _push(moved, i, j)
    return [(x, y) for x, y in moved]


def _push(moved: list[list[float]], i: int, j: int) -> None:
    dx, dy = moved[i][0] - moved[j][0], moved[i][1] - moved[j][1]
    distance = math.hypot(dx, dy)
    if distance >= _APART:
        return
    if distance < 1:
        # Two doors in one house: which way each goes depends on nothing but their numbers.
        dx, dy, distance = math.cos(2.4 * i), math.sin(2.4 * i), 1.0
    step = (_APART - distance) / distance
    mine = step if j == 0 else step / 2
    moved[i][0] += dx * mine
    moved[i][1] += dy * mine
    if j != 0:
        moved[j][0] -= dx * step / 2
        moved[j][1] -= dy * step / 2


def _legs(places: Sequence[tuple[float, float]]) -> list[str]:
    """Gently bent lines, so that the way there and the way back are two; an arrow in the middle."""
    legs = []
    for (ax, ay), (bx, by) in pairwise(places):
        dx, dy = bx - ax, by - ay
        length = math.hypot(dx, dy)
        if length < 1:
            continue
        cx, cy = (ax + bx) / 2 - dy * 0.08, (ay + by) / 2 + dx * 0.08
        legs.append(
            f'<path class="leg" d="M{ax:.1f},{ay:.1f} Q{cx:.1f},{cy:.1f} {bx:.1f},{by:.1f}"/>'
        )
        if length > 2.5 * _MARKER:
            mx, my = (ax + bx + 2 * cx) / 4, (ay + by + 2 * cy) / 4
            turn = math.degrees(math.atan2(dy, dx))
            legs.append(
                f'<path class="arrow" d="M-5,-4.5 L6,0 L-5,4.5 Z" '
                f'transform="translate({mx:.1f},{my:.1f}) rotate({turn:.0f})"/>'
            )
    return legs


def _is_on_sheet(place: tuple[float, float]) -> bool:
    """A spare far away is left out rather than make the route small."""
    x, y = place
    return 0 <= x <= _WIDTH and 0 <= y <= _HEIGHT


def _ring(place: tuple[float, float], case_id: str) -> str:
    x, y = place
    return f'<circle class="spare" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{escape(case_id)}</title></circle>'


def _tether(true: tuple[float, float], placed: tuple[float, float]) -> str:
    """A thread from a marker that was pushed aside to where the door is."""
    if math.dist(true, placed) < _STAYED:
        return ""
    (ax, ay), (bx, by) = true, placed
    return (
        f'<path class="tether" d="M{ax:.1f},{ay:.1f} L{bx:.1f},{by:.1f}"/>'
        f'<circle class="door" cx="{ax:.1f}" cy="{ay:.1f}" r="2.5"/>'
    )


def _house(place: tuple[float, float]) -> str:
    x, y = place
    return f'<path class="house" d="M-11,1 L0,-11 L11,1 L8,1 L8,11 L-8,11 L-8,1 Z" transform="translate({x:.1f},{y:.1f})"/>'


def _marker(number: int, placed: Sequence[tuple[float, float]], stop: Stop, name: str) -> str:
    x, y = placed[number - 1]
    kind = "stop agreed" if stop.is_appointment else "stop"
    # The time is written under the marker only where nothing else lies; the table has every time.
    free = not any(abs(x - a) < 2 * _APART and 0 < b - y < 2 * _APART for a, b in placed)
    time = f'<text class="time" y="{_MARKER + 13:.0f}">{stop.arrive:%H:%M}</text>' if free else ""
    return (
        f'<g class="{kind}" transform="translate({x:.1f},{y:.1f})">'
        f"<title>{escape(name)} {stop.arrive:%H:%M}-{stop.leave:%H:%M}</title>"
        f'<circle r="{_MARKER:.0f}"/><text class="number" y="5">{number}</text>{time}</g>'
    )


def _scale_bar(sheet: _Sheet) -> str:
    pixels_a_metre = sheet.scale / _METRES_A_DEGREE
    metres = max(
        (m for m in _SCALE_BARS_M if m * pixels_a_metre <= _SCALE_BAR_MOST),
        default=_SCALE_BARS_M[0],
    )
    wide = metres * pixels_a_metre
    label = f"{metres // _KILOMETRE} km" if metres >= _KILOMETRE else f"{metres} m"
    return (
        f'<g class="scale" transform="translate(20,{_HEIGHT - 18:.0f})">'
        f'<path d="M0,-5 V0 H{wide:.1f} V-5"/><text x="{wide / 2:.1f}" y="-8">{label}</text></g>'
    )


def draw_clock(itinerary: Itinerary, language: str) -> str:
    """The shift as a band: every visit where it lies in the day, agreed times marked above it."""
    begin, end = itinerary.shift.start, max(itinerary.shift.end, itinerary.return_at)
    span = (end - begin).total_seconds()

    def x(instant: datetime) -> float:
        return 12 + (_WIDTH - 24) * (instant - begin).total_seconds() / span

    parts = [f'<path class="axis" d="M{x(begin):.1f},58 H{x(end):.1f}"/>']
    hour = begin.replace(minute=0, second=0, microsecond=0)
    while hour <= end:
        if hour >= begin:
            parts.append(
                f'<path class="tick" d="M{x(hour):.1f},58 v6"/>'
                f'<text class="hour" x="{x(hour):.1f}" y="80">{hour:%H}</text>'
            )
        hour += timedelta(hours=1)
    if itinerary.lunch is not None:
        left, right = x(itinerary.lunch.start), x(itinerary.lunch.end)
        parts.append(
            f'<rect class="lunch" x="{left:.1f}" y="28" width="{right - left:.1f}" height="18" rx="4"/>'
        )
    for number, stop in enumerate(itinerary.stops, 1):
        parts.append(_block(number, stop, x(stop.start), x(stop.leave)))
        if stop.is_appointment:
            first, last = stop.windows[0].start, stop.windows[-1].end
            parts.append(
                f'<path class="agreed-time" d="M{x(first):.1f},14 H{max(x(last), x(first) + 4):.1f}"/>'
            )
    title = escape(render(words("The day by the clock"), language))
    return (
        f'<svg class="clock" viewBox="0 0 {_WIDTH:.0f} {_CLOCK_HEIGHT:.0f}" role="img" '
        f'aria-label="{title}">{"".join(parts)}</svg>'
    )


def _block(number: int, stop: Stop, left: float, right: float) -> str:
    kind = "visit agreed" if stop.is_appointment else "visit"
    wide = max(right - left, 8.0)
    return (
        f'<g class="{kind}"><rect x="{left:.1f}" y="22" width="{wide:.1f}" height="30" rx="4"/>'
        f'<text x="{left + wide / 2:.1f}" y="42">{number}</text></g>'
    )
