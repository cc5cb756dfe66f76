"""How long a leg takes when it leads through rush hours: who leaves later never arrives earlier."""

import math
from collections.abc import Sequence

from fieldsync.planner.problem import Rush

_USUAL = 100


def arrival(rush: Sequence[Rush], depart: int, usual_s: int) -> int:
    """When a leg of `usual_s` ends that begins at `depart`; `rush` spans are in order and apart.

    The leg advances by 100 / percent of its usual pace inside a span, so that the arrival grows
    with the departure (first in, first out: Ichoua, Gendreau and Potvin 2003).
    """
    if not rush or not usual_s:
        return depart + usual_s
    now, left = float(depart), float(usual_s)
    for span in rush:
        if span.end <= now:
            continue
        free = max(0.0, span.start - now)
        if left <= free:
            break
        now, left = now + free, left - free
        done = (span.end - now) * _USUAL / span.percent
        if left <= done:
            return math.ceil(now + left * span.percent / _USUAL - 1e-6)
        now, left = float(span.end), left - done
    return math.ceil(now + left - 1e-6)


def latest_departure(rush: Sequence[Rush], earliest: int, arrive: int, usual_s: int) -> int:
    """The last second from `earliest` on at which a leg may begin and still end by `arrive`."""
    if not rush:
        return max(earliest, arrive - usual_s)
    low, high = earliest, max(earliest, arrive - usual_s)
    while low < high:
        middle = (low + high + 1) // 2
        if arrival(rush, middle, usual_s) <= arrive:
            low = middle
        else:
            high = middle - 1
    return low


def departure_limit(rush: Sequence[Rush], arrive: int, usual_s: int) -> int:
    """The last second at which a leg may begin and still end by `arrive`, however early that is."""
    if not rush:
        return arrive - usual_s
    slowest = max(_USUAL, *(span.percent for span in rush))
    longest = usual_s * slowest // _USUAL + 1
    return latest_departure(rush, arrive - longest, arrive, usual_s)
