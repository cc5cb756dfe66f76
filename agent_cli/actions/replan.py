"""Re-orders the rest of the day on the device and records the pair's choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.holds_shown import hold_line
from agent_cli.store import cases, itineraries, orders, visits
from agent_cli.store.database import writing
from agent_cli.store.orders import Order
from fieldsync.adapters.solver_choice import quick_solver
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.domain.visit import Visit, VisitState
from fieldsync.errors import NotFoundError
from fieldsync.planner.replan import Replan, replan
from fieldsync.planner.rest_of_day import Situation
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.told_order import told_order
from fieldsync.words import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What the officer says of the day: where the pair is, from when on it is free, what was agreed.

    `again` are cases where nobody was at home, to be tried once more.
    """

    position: Point | None = None
    from_case: str | None = None
    late: timedelta | None = None
    agreed: Mapping[str, Window] = field(default_factory=dict)
    again: Sequence[str] = ()
    has_eaten: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """The day as it is and as it could be; `visited` are the cases visited so far."""

    old: Itinerary
    replan: Replan
    visited: tuple[str, ...]
    cases: Mapping[str, Case]


def propose(ctx: DeviceContext, cause: Cause) -> Proposal:
    """The day as it is and as it could be from now on; nothing is changed yet.

    Raises:
        NotFoundError: 404.63 without a day, 404.66 where `from_case` is not among its candidates.
        InputError, RefusedError: 600.61, 600.62 where no second try is permitted today.
    """
    now = ctx.clock.now()
    old = day_of(ctx)
    made = visits.of_day(ctx.conn, old.day)
    known = cases.load_cases(ctx.conn)
    situation = Situation(
        now=now,
        position=cause.position if cause.from_case is None else _point_of(old, cause.from_case),
        visited=tuple(visit.case_id for visit in made),
        busy=tuple(Window(visit.started_at, _end(visit, now)) for visit in made),
        blocked=_blocked(known, now),
        free_from=_free_from(made, cause, now),
        agreed=cause.agreed,
        again=_reopened(ctx, old, made, cause),
        has_eaten=cause.has_eaten,
    )
    return Proposal(old, replan(old, situation, quick_solver()), situation.visited, known)


def day_of(ctx: DeviceContext) -> Itinerary:
    """Today as it stands; NotFoundError 404.63 where nothing is planned."""
    day = ctx.clock.now().date()
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        raise NotFoundError(
            "404.63",
            words("Nothing is planned for {day}.", day=day.isoformat()),
            words("Run `fieldsync sync` for the newest itinerary."),
        )
    return itinerary


def accept(ctx: DeviceContext, new: Itinerary, reason: str, undoes: str | None = None) -> None:
    """Keep the order, in the transaction that records it; `undoes` is the record it takes back."""
    published = itineraries.published_for(ctx.conn, new.day) or new
    payload = {**told_order(published, new), "reason": reason}
    if undoes is not None:
        payload["undoes"] = undoes
    with writing(ctx.conn) as conn:
        standing = orders.in_force(conn, new.itinerary_id)
        if standing is not None:
            payload["follows"] = standing[0]
        operation = record_operation(ctx, conn, OperationKind.ITINERARY_REPLAN, None, payload)
        at = operation.occurred_at.isoformat()
        orders.keep(conn, Order(new, operation.op_id, "", at, reason, undoes))


def _blocked(known: Mapping[str, Case], now: datetime) -> dict[str, str]:
    """Why cases may not be visited any more: the first hold in force."""
    blocked = {}
    for case_id, case in known.items():
        holds = [hold for hold in case.holds if hold.until is None or hold.until > now]
        if holds:
            blocked[case_id] = hold_line(holds[0].kind, holds[0].until)
    return blocked


def _free_from(made: Sequence[Visit], cause: Cause, now: datetime) -> datetime | None:
    """From when on the pair can leave: as the officer says, or once the visit under way is to end."""
    if cause.late is not None:
        return now + cause.late
    running = [visit for visit in made if visit.state is VisitState.STARTED]
    if not running:
        return None
    return max(now, running[-1].expected_end or now)


def _end(visit: Visit, now: datetime) -> datetime:
    """When a visit ended or will; a visit takes a second at least, so that it is a span."""
    end = visit.finished_at or max(now, visit.expected_end or now)
    return max(end, visit.started_at + timedelta(seconds=1))


def _reopened(
    ctx: DeviceContext, day: Itinerary, made: Sequence[Visit], cause: Cause
) -> Mapping[str, tuple[Window, ...]]:
    """When the rules permit a second try, or another time than an appointment's.

    The rules are loaded only where one of them is asked for: the officer waits.
    """
    visited = {visit.case_id for visit in made}
    tried = [*cause.again, *(case_id for case_id in cause.agreed if case_id in visited)]
    moved = {case_id: span for case_id, span in cause.agreed.items() if case_id not in visited}
    if not tried and not moved:
        return {}
    from agent_cli.actions.moved_appointment import moved_spans
    from agent_cli.actions.second_try import second_tries

    return {**moved_spans(ctx, day, moved), **second_tries(ctx, day, made, tried)}


def _point_of(itinerary: Itinerary, case_id: str) -> Point:
    place = itineraries.place_in(itinerary, case_id)
    if place is not None:
        return place.point
    raise NotFoundError(
        "404.66",
        words("{case_id} is not part of this day.", case_id=case_id),
        words("Choose one of the stops that `fieldsync today` shows."),
    )
