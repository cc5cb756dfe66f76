"""The officer's day as it stands now: each stop with its case, what stopped it, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries, visits
from fieldsync.domain.case import Case, Hold
from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.domain.visit import Visit, VisitState
from fieldsync.errors import NotFoundError
from fieldsync.words import words


class StopState(StrEnum):
    """Where a stop stands."""

    PLANNED = "planned"
    ON_HOLD = "on_hold"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StopView:
    """One stop with all that is shown of it; `case` is None once it has left the device."""

    number: int
    stop: Stop
    case: Case | None
    state: StopState
    hold: Hold | None
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class DayView:
    """A day's itinerary, perhaps re-planned by the officer, and its stops."""

    itinerary: Itinerary
    revised: bool
    stops: tuple[StopView, ...]

    @property
    def next_stop(self) -> StopView | None:
        """Where to go now: the running visit, or else the first stop still to be made."""
        wanted = (StopState.RUNNING, StopState.PLANNED)
        return next((s for state in wanted for s in self.stops if s.state is state), None)


def view_day(ctx: DeviceContext, day: date) -> DayView | None:
    """The day, or None where nothing is planned."""
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        return None
    made = {visit.case_id: visit for visit in visits.of_day(ctx.conn, day)}
    now = ctx.clock.now()
    return DayView(
        itinerary=itinerary,
        revised=itineraries.is_revised(ctx.conn, itinerary),
        stops=tuple(
            _view(number, stop, _case(ctx, stop.case_id), made.get(stop.case_id), now)
            for number, stop in enumerate(itinerary.stops, start=1)
        ),
    )


def open_holds(holds: Iterable[Hold], now: datetime) -> tuple[Hold, ...]:
    """The holds in force now."""
    return tuple(hold for hold in holds if hold.until is None or hold.until > now)


def itinerary_of(ctx: DeviceContext, day: date) -> Itinerary:
    """The day's itinerary; NotFoundError 404.63 where nothing is planned."""
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        raise NotFoundError(
            "404.63",
            words("Nothing is planned for {day}.", day=day.isoformat()),
            words("Run `fieldsync sync` for the newest itinerary."),
        )
    return itinerary


def _case(ctx: DeviceContext, case_id: str) -> Case | None:
    try:
        return cases.load_case(ctx.conn, case_id)
    except NotFoundError:
        return None


def _view(
    number: int, stop: Stop, case: Case | None, visit: Visit | None, now: datetime
) -> StopView:
    holds = open_holds(case.holds, now) if case else ()
    hold = holds[0] if holds else None
    if visit is not None and visit.state is VisitState.STARTED:
        state = StopState.RUNNING
    elif visit is not None:
        state = StopState.DONE
    else:
        state = StopState.ON_HOLD if hold else StopState.PLANNED
    return StopView(number, stop, case, state, hold, visit)
