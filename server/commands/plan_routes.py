"""Draws all routes of a branch's day on one sheet; each pair has a colour and a dash, and can be hidden."""

import math
from collections.abc import Callable, Sequence
from html import escape

from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.locale import _

_WIDE, _HIGH, _MARGIN = 1000.0, 640.0, 26.0
# Colours that differ for the colour-blind as well (Tol's bright and muted), and are told apart by dashes.
_COLOURS = ("#0b6273", "#aa3377", "#228833", "#a8480a", "#4477aa", "#882255", "#666a00", "#332288")
_DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 3")
_STOP, _HOME = 4.0, 6.0


def look_of(number: int) -> tuple[str, str]:
    """Colour and dash of a pair: no two pairs of a branch have both in common, up to 40."""
    return _COLOURS[number % len(_COLOURS)], _DASHES[number // len(_COLOURS) % len(_DASHES)]


def draw_routes(days: Sequence[Itinerary]) -> str:
    """The sheet as SVG, north up; group `r0`, `r1`, ... for each pair in order."""
    points = [p for day in days for p in (day.start, day.end, *(s.point for s in day.stops))]
    at = _projection(points)
    label = escape(_("The routes of all pairs; each stop is in the plan's table by its pair."))
    routes = "".join(_route(number, day, at) for number, day in enumerate(days) if day.stops)
    return (
        f'<svg class="routes" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" '
        f'aria-label="{label}">{routes}</svg>'
    )


def _projection(points: Sequence[Point]) -> Callable[[Point], tuple[float, float]]:
    """From WGS-84 to the sheet; a metre is as long in every direction."""
    west, north = min(p.lon for p in points), max(p.lat for p in points)
    east, south = max(p.lon for p in points), min(p.lat for p in points)
    shrink = math.cos(math.radians((north + south) / 2))
    wide, high = max((east - west) * shrink, 1e-4), max(north - south, 1e-4)
    scale = min((_WIDE - 2 * _MARGIN) / wide, (_HIGH - 2 * _MARGIN) / high)
    left, top = (_WIDE - wide * scale) / 2, (_HIGH - high * scale) / 2

    def at(point: Point) -> tuple[float, float]:
        return left + (point.lon - west) * shrink * scale, top + (north - point.lat) * scale

    return at


def _route(number: int, day: Itinerary, at: Callable[[Point], tuple[float, float]]) -> str:
    colour, dash = look_of(number)
    places = [at(day.start), *(at(stop.point) for stop in day.stops), at(day.end)]
    line = " L".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks = "".join(
        f'<circle class="{"agreed" if stop.is_appointment else "stop"}" cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{_STOP:.0f}"><title>{escape(f"{day.pair_id} {place}. {stop.case_id} {stop.arrive:%H:%M}")}'
        "</title></circle>"
        for place, (stop, (x, y)) in enumerate(zip(day.stops, places[1:-1], strict=True), 1)
    )
    x, y = places[0]
    return (
        f'<g class="r{number}" fill="{colour}" stroke="{colour}">'
        f'<path class="leg" stroke-dasharray="{dash}" d="M{line}"/>'
        f'<rect class="home" x="{x - _HOME:.1f}" y="{y - _HOME:.1f}" width="{2 * _HOME:.0f}" '
        f'height="{2 * _HOME:.0f}"><title>{escape(day.pair_id)}</title></rect>{marks}</g>'
    )
