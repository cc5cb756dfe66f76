"""Whether the place where a pair says it stands can be meant: near the day's places, not in another ocean."""

from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.planner.travel import straight_metres
from fieldsync.words import words

# No pair walks from farther away; a slip of the finger or the axes changed round are far beyond.
FARTHEST_M = 100_000


def check_standing(itinerary: Itinerary, position: Point) -> None:
    """InputError 422.39 where the point is farther than FARTHEST_M from every place of the day.

    The hint offers the point with its axes changed round where that one is near.
    """
    nearest_m = _nearest_m(itinerary, position)
    if nearest_m <= FARTHEST_M:
        return
    turned = Point(position.lon, position.lat)
    raise InputError(
        "422.39",
        words(
            "{place} is {km} km from the nearest place of this day.",
            place=f"{position.lat},{position.lon}",
            km=round(nearest_m / 1000),
        ),
        words("Latitude comes first: did you mean {place}?", place=f"{turned.lat},{turned.lon}")
        if _nearest_m(itinerary, turned) <= FARTHEST_M
        else words("Give where you stand, or the case you are at with --from-stop."),
    )


def _nearest_m(itinerary: Itinerary, position: Point) -> float:
    """Metres in a straight line to the nearest place of the day."""
    places = (itinerary.start, itinerary.end, *(c.point for c in itinerary.candidates))
    return min(straight_metres(position, place) for place in places)
