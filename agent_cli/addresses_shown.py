"""The part that all addresses of a day begin with, told once, so that a table has room for the rest."""

from collections.abc import Sequence

# How provinces, cities, districts and counties end: the part is cut where one of them does.
_ENDS = "省市区县"


def shared_area(addresses: Sequence[str]) -> str:
    """Province, city and district that every address begins with; "" where that is nothing.

    One address has nobody to share with, and none is ever cut down to nothing.
    """
    known = [address for address in addresses if address]
    if len(known) <= 1:
        return ""
    # What the first and the last in order share, all between them share too.
    low, high = min(known), max(known)
    alike = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    area = low[: max(low.rfind(mark, 0, alike) for mark in _ENDS) + 1]
    return area if all(len(address) > len(area) for address in known) else ""
