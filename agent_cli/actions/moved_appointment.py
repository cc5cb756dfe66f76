"""When a visit that has an appointment today may begin if the borrower agrees on another time of the day."""

from collections.abc import Mapping
from dataclasses import replace

from agent_cli.actions.door import facts_now, packs_of
from agent_cli.context import DeviceContext
from agent_cli.store import cases
from fieldsync.conduct.evaluate import windows
from fieldsync.conduct.facts import Action
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment
from fieldsync.domain.itinerary import Candidate, Itinerary
from fieldsync.planner.day_clock import start_windows


def moved_spans(
    ctx: DeviceContext, day: Itinerary, agreed: Mapping[str, Window]
) -> dict[str, tuple[Window, ...]]:
    """By case: what the rules leave open of the day, asked with the new time in the old one's place.

    The itinerary carries only the span of the appointment that was. Cases without one are left out:
    the itinerary says when they may be visited.
    """
    return {
        candidate.case_id: _spans(ctx, day, candidate, agreed[candidate.case_id])
        for candidate in day.candidates
        if candidate.is_appointment and candidate.case_id in agreed
    }


def _spans(
    ctx: DeviceContext, day: Itinerary, candidate: Candidate, agreed: Window
) -> tuple[Window, ...]:
    case = cases.load_case(ctx.conn, candidate.case_id)
    address = case.address(candidate.address_id) or case.addresses[0]
    officers = tuple(officer.officer_id for officer in day.officers)
    moved = replace(case, appointment=Appointment(address.address_id, agreed))
    facts = facts_now(ctx, Action.VISIT_START, moved, address, officers)
    return start_windows(windows(facts, packs_of(ctx), day.day), candidate.service_s)
