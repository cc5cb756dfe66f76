"""Makes a drawing and a canonical record of the strokes that a pen, a finger or a mouse drew."""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsync.errors import InputError
from fieldsync.words import words

_MOST_POINTS = 20_000
_LEAST_LENGTH = 40.0
_MOST = 10_000.0
_MARK = "mark"


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawing as SVG, and the strokes (x, y in pixels, time in ms, pressure 0 to 1) as JSON."""

    svg: bytes
    strokes: bytes


def read_strokes(told: Mapping[str, Any]) -> Drawn:
    """What the page sent: `{"how", "strokes": [[[x, y, time, pressure], ...], ...]}`.

    InputError 422.621 where nothing, or next to nothing, was drawn.
    """
    said = told.get("strokes", [])
    if not isinstance(said, list):
        raise _unreadable()
    strokes = [_stroke(one) for one in said if one]
    count = sum(len(stroke) for stroke in strokes)
    if count > _MOST_POINTS or sum(map(_length, strokes)) < _LEAST_LENGTH:
        raise InputError(
            "422.621",
            words("There is no signature on the pad yet."),
            words("Draw it with a finger, a pen or the mouse, or choose to sign by a mark."),
        )
    how = _MARK if told.get("how") == _MARK else "drawn"
    record = {"how": how, "strokes": strokes}
    return Drawn(_svg(strokes), json.dumps(record, separators=(",", ":"), sort_keys=True).encode())


def _stroke(points: Sequence[Sequence[float]]) -> list[list[float]]:
    try:
        found = [[round(float(value), 2) for value in point[:4]] for point in points]
    except (TypeError, ValueError) as error:
        raise _unreadable() from error
    if not all(map(_is_point, found)):
        raise _unreadable()
    return found


def _is_point(point: Sequence[float]) -> bool:
    """Four finite numbers, the first two somewhere on a pad."""
    match point:
        case [x, y, _time, _pressure]:
            return all(map(math.isfinite, point)) and 0 <= x <= _MOST and 0 <= y <= _MOST
        case _:
            return False


def _unreadable() -> InputError:
    return InputError(
        "422.622",
        words("The strokes of the signature cannot be read."),
        words("Nothing was recorded. Load the page again and draw once more."),
    )


def _length(stroke: Sequence[Sequence[float]]) -> float:
    return sum(math.dist(a[:2], b[:2]) for a, b in itertools.pairwise(stroke))


def _svg(strokes: Sequence[Sequence[Sequence[float]]]) -> bytes:
    xs = [point[0] for stroke in strokes for point in stroke]
    ys = [point[1] for stroke in strokes for point in stroke]
    left, top = min(xs) - 6, min(ys) - 6
    width, height = max(xs) - left + 6, max(ys) - top + 6
    lines = "".join(
        f'<polyline points="{" ".join(f"{p[0] - left:.1f},{p[1] - top:.1f}" for p in stroke)}"/>'
        for stroke in strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}">'
        '<g fill="none" stroke="#102030" stroke-width="2.5" stroke-linecap="round"'
        f' stroke-linejoin="round">{lines}</g></svg>'
    ).encode()
