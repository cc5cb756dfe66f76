"""Re-orders the rest of the day on the device and records the pair's choice."""

from datetime import date

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.holds_shown import hold_line
from agent_cli.store import cases, itineraries, visits
from agent_cli.store.database import writing
from fieldsync.adapters.solver_choice import best_solver
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.errors import NotFoundError
from fieldsync.planner.replan import Replan, replan
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import words


def propose(
    ctx: DeviceContext, position: Point | None, from_case: str | None
) -> tuple[Itinerary, Replan]:
    """The day as it is and as it could be from now on; nothing is changed yet.

    NotFoundError 404.63 without a day, 404.66 where `from_case` is not among its candidates.
    """
    now = ctx.clock.now()
    old = _itinerary_of(ctx, now.date())
    if from_case is not None:
        position = _point_of(old, from_case)
    finished = frozenset(visit.case_id for visit in visits.of_day(ctx.conn, old.day))
    blocked = {}
    for case_id, case in cases.load_cases(ctx.conn).items():
        holds = [hold for hold in case.holds if hold.until is None or hold.until > now]
        if holds and case_id not in finished:
            blocked[case_id] = hold_line(holds[0].kind, holds[0].until)
    proposal = replan(
        old,
        now=now,
        position=position,
        finished=finished,
        blocked=blocked,
        solver=best_solver(),
    )
    return old, proposal


def _itinerary_of(ctx: DeviceContext, day: date) -> Itinerary:
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        raise NotFoundError(
            "404.63",
            words("Nothing is planned for {day}.", day=day.isoformat()),
            words("Run `fieldsync sync` for the newest itinerary."),
        )
    return itinerary


def accept(ctx: DeviceContext, proposal: Replan, reason: str) -> None:
    """Keep the new order, in the transaction that records it."""
    new = proposal.itinerary
    payload = {
        "itinerary_id": new.itinerary_id,
        "base_version": new.version,
        "stops": [stop.case_id for stop in new.stops],
        "reason": reason,
    }
    with writing(ctx.conn) as conn:
        operation = record_operation(ctx, conn, OperationKind.ITINERARY_REPLAN, None, payload)
        itineraries.save_revision(conn, new, operation.op_id)


def _point_of(itinerary: Itinerary, case_id: str) -> Point:
    place = itineraries.place_in(itinerary, case_id)
    if place is not None:
        return place.point
    raise NotFoundError(
        "404.66",
        words("{case_id} is not part of this day.", case_id=case_id),
        words("Choose one of the stops that `fieldsync today` shows."),
    )
