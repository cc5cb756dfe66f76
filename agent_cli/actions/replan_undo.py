"""Brings the former order of the day back, as a record of its own; what was visited since stays visited."""

from dataclasses import dataclass, replace
from itertools import dropwhile

from agent_cli.actions.replan import accept, day_of
from agent_cli.context import DeviceContext
from agent_cli.store import itineraries, orders, visits
from agent_cli.store.orders import Order
from fieldsync.domain.itinerary import Itinerary
from fieldsync.errors import InputError
from fieldsync.planner.rest_of_day import split
from fieldsync.words import words


@dataclass(frozen=True, slots=True)
class Undoing:
    """The day as it is, the former order with what was visited since, and the order taken back."""

    old: Itinerary
    former: Itinerary
    visited: tuple[str, ...]
    taken_back: Order


def undoing(ctx: DeviceContext) -> Undoing:
    """What taking back the last order would bring; InputError 600.63 where there is none to take back."""
    old = day_of(ctx)
    kept = orders.of_itinerary(ctx.conn, old)
    # What the partner chose before the order in force, but told later, was never in force here.
    up_to_now = dropwhile(lambda order: not order.in_force, kept)
    standing = [one for one in up_to_now if one.undoes is None and one.undone_by is None]
    if not standing:
        raise InputError(
            "600.63",
            words("The day is in the order that the office published."),
            words("There is nothing to take back: `fieldsync replan --list` shows every order."),
        )
    last, *before = standing
    published = itineraries.published_for(ctx.conn, old.day) or old
    former = before[0].itinerary if before else published
    visited = tuple(visit.case_id for visit in visits.of_day(ctx.conn, old.day))
    made, _ = split(old.stops, visited)
    _, open_stops = split(former.stops, visited)
    return Undoing(old, replace(former, stops=(*made, *open_stops)), visited, last)


def undo(ctx: DeviceContext, what: Undoing, reason: str) -> None:
    """Keep the former order, in the transaction that records it."""
    accept(ctx, what.former, reason, undoes=what.taken_back.op_id)
