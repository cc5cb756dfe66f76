"""How much goes up in one request: half as much after the line broke, more again once it holds.

Pure. A line that is cut every so many bytes never lets a larger request through; halving finds one that
fits in a few tries. What fits is then kept for a while before more is tried, since each try that fails
costs the officer an exchange.
"""

from dataclasses import dataclass, replace

# Requests that must go well after a break before the next one is larger again.
WARY = 4


@dataclass(frozen=True, slots=True)
class Portion:
    """At most `size` bytes at once; `wary` counts the requests that must go well before it grows."""

    size: int
    wary: int = 0


def after_break(before: Portion, sent: int, least: int) -> Portion:
    """Half of what broke off, `least` bytes at the least; what was no larger than that says nothing."""
    tried = min(sent, before.size)
    if tried <= least:
        return before
    return Portion(max(least, tried // 2), WARY)


def after_success(before: Portion, sent: int, most: int) -> Portion:
    """Twice as much, `most` bytes at most, once caution is over; less than half a portion says nothing."""
    if 2 * sent <= before.size:
        return before
    if before.wary > 1:
        return replace(before, wary=before.wary - 1)
    return Portion(min(most, 2 * before.size))
