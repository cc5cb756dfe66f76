"""Takes times that were agreed on the road into the day, within what the rules leave open for the case."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from fieldsync.domain.calendar import Window, intersect_all
from fieldsync.domain.itinerary import Candidate, Itinerary, VisitKind
from fieldsync.errors import InputError, NotFoundError
from fieldsync.planner.prize import APPOINTMENT_POINTS
from fieldsync.words import words


def with_appointments(day: Itinerary, agreed: Mapping[str, Window], now: datetime) -> Itinerary:
    """The day with these cases as appointments, each within its permitted windows.

    Raises:
        NotFoundError: 404.581 for a case that is not part of the day.
        InputError: 600.60 naming every time that is over or in which the visit may not begin.
    """
    known = {candidate.case_id: candidate for candidate in day.candidates}
    unknown = [case_id for case_id in agreed if case_id not in known]
    if unknown:
        raise NotFoundError(
            "404.581",
            words("{cases} cannot be visited today.", cases=", ".join(unknown)),
            words(
                "An appointment can be made for the stops and spares of `fieldsync replan --list`."
            ),
        )
    changed = {case_id: _agreed(known[case_id], span, now) for case_id, span in agreed.items()}
    impossible = [case_id for case_id, candidate in changed.items() if not candidate.windows]
    if impossible:
        raise InputError(
            "600.60",
            words(
                "Not possible: {times}.",
                times="; ".join(f"{c} {_span(agreed[c])}" for c in impossible),
            ),
            words(
                "A visit may begin at {times}.",
                times="; ".join(_permitted(known[c], now) for c in impossible),
            ),
        )
    return replace(day, candidates=tuple(changed.get(one.case_id, one) for one in day.candidates))


def _agreed(candidate: Candidate, span: Window, now: datetime) -> Candidate:
    windows = intersect_all(candidate.windows, (span,))
    return replace(
        candidate,
        windows=tuple(window for window in windows if window.end > now),
        priority=APPOINTMENT_POINTS,
        is_appointment=True,
        kind=VisitKind.APPOINTMENT,
    )


def _permitted(candidate: Candidate, now: datetime) -> str:
    left = _spans(window for window in candidate.windows if window.end > now)
    return f"{candidate.case_id} {left or '-'}"


def _spans(windows: Iterable[Window]) -> str:
    return ", ".join(_span(window) for window in windows)


def _span(window: Window) -> str:
    return f"{window.start:%H:%M}-{window.end:%H:%M}"
