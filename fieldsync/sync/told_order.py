"""How an order that a pair chose for its day is told: as a record to the server, as a row to the partner."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fieldsync.domain.calendar import Window
from fieldsync.domain.codec import from_builtins, to_builtins
from fieldsync.domain.itinerary import Candidate, Itinerary, Stop

_TIMES = ("arrive", "start", "leave")
_LEG = ("travel_s", "distance_m")


def told_order(published: Itinerary, chosen: Itinerary) -> dict[str, Any]:
    """The payload that tells the chosen order: stops with their times, and what else differs.

    `openings` are candidates whose times are not the published ones: an appointment made on the road,
    a second try.
    """
    known = {candidate.case_id: candidate for candidate in published.candidates}
    opened = [c for c in chosen.candidates if known.get(c.case_id) != c]
    return {
        "itinerary_id": chosen.itinerary_id,
        "base_version": chosen.version,
        "stops": [stop.case_id for stop in chosen.stops],
        "timetable": [_told_stop(stop) for stop in chosen.stops],
        "return_at": to_builtins(chosen.return_at),
        "lunch": to_builtins(chosen.lunch),
        "openings": [
            {
                "case_id": candidate.case_id,
                "windows": to_builtins(candidate.windows),
                "is_appointment": candidate.is_appointment,
            }
            for candidate in opened
        ],
    }


def ordered(published: Itinerary, told: Mapping[str, Any]) -> Itinerary:
    """The published day in the order that was told; a stop of a case that is no candidate is left out."""
    openings = {one["case_id"]: one for one in told["openings"]}
    candidates = tuple(_opened(one, openings.get(one.case_id)) for one in published.candidates)
    known = {candidate.case_id: candidate for candidate in candidates}
    return replace(
        published,
        candidates=candidates,
        stops=tuple(_stop(row, known) for row in told["timetable"] if row["case_id"] in known),
        return_at=datetime.fromisoformat(told["return_at"]),
        lunch=None if told["lunch"] is None else from_builtins(told["lunch"], Window),
    )


def _told_stop(stop: Stop) -> dict[str, Any]:
    times = {name: to_builtins(getattr(stop, name)) for name in _TIMES}
    return {"case_id": stop.case_id, **times, **{name: getattr(stop, name) for name in _LEG}}


def _opened(candidate: Candidate, opening: Mapping[str, Any] | None) -> Candidate:
    if opening is None:
        return candidate
    windows = from_builtins(opening["windows"], tuple[Window, ...])
    return replace(candidate, windows=windows, is_appointment=opening["is_appointment"])


def _stop(row: Mapping[str, Any], known: Mapping[str, Candidate]) -> Stop:
    candidate = known[row["case_id"]]
    arrive, start, leave = (datetime.fromisoformat(row[name]) for name in _TIMES)
    return Stop(
        case_id=candidate.case_id,
        address_id=candidate.address_id,
        point=candidate.point,
        arrive=arrive,
        start=start,
        leave=leave,
        windows=candidate.windows,
        service_s=candidate.service_s,
        travel_s=row["travel_s"],
        distance_m=row["distance_m"],
        priority=candidate.priority,
        is_appointment=candidate.is_appointment,
        why=candidate.why,
        kind=candidate.kind,
    )
