"""May we? Asked at the door with the facts on this device, by the packs the server sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from agent_cli.context import DeviceContext
from agent_cli.store import itineraries
from agent_cli.store.clock_readings import clock_error
from agent_cli.store.packs import packs_in_force
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.local_time import day_bounds, local
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.place import Address
from fieldsync.domain.verdict import Effect, Finding, Verdict
from fieldsync.domain.visit import Visit, VisitStep
from fieldsync.errors import LocalCopyError
from fieldsync.words import words

# How long a visit is expected to last where the day's list does not say.
_USUAL_S = 1800


def packs_of(ctx: DeviceContext) -> tuple[Ruleset, ...]:
    """The rule packs in force; LocalCopyError 602.11 where there is none: then nothing may start.

    The same where one pack that the server named has no good edition here: its rules are not known.
    """
    named = packs_in_force(ctx.conn)
    missing = [name for name, pack in named.items() if pack is None]
    if missing:
        raise LocalCopyError(
            "602.11",
            words(
                "No good edition of {packs} is on this device, so no visit may start.",
                packs=", ".join(missing),
            ),
            words("Run `fieldsync doctor`: it says why, and what to do."),
        )
    if not named:
        raise LocalCopyError(
            "602.11",
            words("There are no conduct rules on this device, so no visit may start."),
            words("Run `fieldsync sync` where there is a network."),
        )
    return tuple(pack for pack in named.values() if pack is not None)


def facts_now(
    ctx: DeviceContext,
    action: Action,
    case: Case,
    address: Address,
    officers: tuple[str, ...],
) -> Facts:
    """What is known now about doing this, here."""
    return facts_of(
        case,
        address,
        ctx.clock.now(),
        officers,
        action=action,
        clock_plausible=clock_error(ctx.conn, ctx.clock) is None,
        allowance=_allowance(ctx, case.case_id),
    )


def _allowance(ctx: DeviceContext, case_id: str) -> Mapping[str, int]:
    """What today's itinerary grants of caps that agencies share; without one they count as spent."""
    itinerary = itineraries.of_day(ctx.conn, ctx.clock.now().date())
    candidates = itinerary.candidates if itinerary else ()
    return next((c.allowance for c in candidates if c.case_id == case_id), {})


def judge(ctx: DeviceContext, facts: Facts) -> Verdict:
    """The verdict of every pack on this device."""
    return evaluate(facts, packs_of(ctx))


def must_leave_by(
    ctx: DeviceContext, case: Case, address: Address, officers: tuple[str, ...]
) -> datetime | None:
    """When the span in which a visit may go on ends today; None where nothing ends it before midnight."""
    facts = facts_now(ctx, Action.VISIT_CONTINUE, case, address, officers)
    day = local(facts.at, address.zone).date()
    spans: tuple[Window, ...] = windows(facts, packs_of(ctx), day)
    end = next((span.end for span in spans if span.contains(facts.at)), None)
    return None if end is None or end == day_bounds(day, address.zone)[1] else end


def ending_now(ctx: DeviceContext, case: Case, visit: Visit) -> tuple[Finding, ...]:
    """The rules by which a visit under way must end now."""
    address = case.address(visit.address_id)
    if address is None:
        return ()
    facts = facts_now(ctx, Action.VISIT_CONTINUE, case, address, visit.officers)
    shown = replace(facts, identity_shown=visit.has_taken(VisitStep.IDENTITY_SHOWN))
    return tuple(f for f in judge(ctx, shown).findings if f.effect is Effect.END)


def expected_end(
    ctx: DeviceContext,
    case: Case,
    begins: datetime,
    leave_by: datetime | None,
    minutes: int | None,
) -> datetime:
    """When colleagues begin to worry: after what was said, or the stop's own time, or half an hour."""
    itinerary = itineraries.of_day(ctx.conn, begins.date())
    stops = itinerary.stops if itinerary else ()
    planned = next((s.service_s for s in stops if s.case_id == case.case_id), _USUAL_S)
    end = begins + timedelta(seconds=planned if minutes is None else minutes * 60)
    return end if leave_by is None else min(end, leave_by)
