"""Whether a door that nobody opened may be tried again today: as the rules say, this visit counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_cli.actions.door import facts_now, packs_of
from agent_cli.context import DeviceContext
from agent_cli.store import cases
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.visit_outcomes import WRONG_ADDRESS, reached_by
from fieldsync.domain.calendar import Window, intersect_all
from fieldsync.domain.case import Case, Channel, ContactAttempt, Reached
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Candidate, Itinerary
from fieldsync.domain.verdict import Finding
from fieldsync.domain.visit import Visit, VisitState
from fieldsync.errors import InputError, NotFoundError, RefusedError
from fieldsync.planner.day_clock import start_windows
from fieldsync.words import words

# Who was not at home a moment ago is not at home yet.
_LATER = timedelta(hours=2)


def second_tries(
    ctx: DeviceContext, day: Itinerary, made: Sequence[Visit], case_ids: Sequence[str]
) -> Mapping[str, tuple[Window, ...]]:
    """For each case the spans of the rest of today in which a second visit may begin, two hours on.

    Raises:
        NotFoundError: 404.66 for a case that is not part of the day.
        InputError: 600.61 where the door was not found empty today.
        RefusedError: 600.62 with the rules where they permit no second visit today.
    """
    return {case_id: _spans(ctx, day, made, case_id) for case_id in dict.fromkeys(case_ids)}


def _spans(
    ctx: DeviceContext, day: Itinerary, made: Sequence[Visit], case_id: str
) -> tuple[Window, ...]:
    candidate = next((one for one in day.candidates if one.case_id == case_id), None)
    if candidate is None:
        raise NotFoundError(
            "404.66",
            words("{case_id} is not part of this day.", case_id=case_id),
            words("Choose one of the stops that `fieldsync today` shows."),
        )
    own = [visit for visit in made if visit.case_id == case_id]
    if not own or not all(map(_found_nobody, own)):
        raise InputError(
            "600.61",
            words("Nobody was missed at {case_id} today.", case_id=case_id),
            words("Only a finished visit that met nobody can be tried again the same day."),
        )
    case = cases.load_case(ctx.conn, case_id)
    facts = _facts(ctx, day, case, candidate, own)
    packs = packs_of(ctx)
    now = ctx.clock.now()
    lawful = windows(facts, packs, day.day)
    later = Window(_last_end(own, now) + _LATER, day.shift.end)
    left = intersect_all(start_windows(lawful, candidate.service_s), (later,))
    if not candidate.is_appointment:
        left = intersect_all(left, candidate.windows)
    if not left:
        raise _refused(case_id, evaluate(replace(facts, at=later.start), packs).refusals)
    return left


def _last_end(own: Sequence[Visit], now: datetime) -> datetime:
    return max(visit.finished_at or now for visit in own)


def _found_nobody(visit: Visit) -> bool:
    return (
        visit.state is VisitState.FINISHED
        and reached_by(visit.outcome) is Reached.NONE
        and visit.outcome not in WRONG_ADDRESS
    )


def _facts(
    ctx: DeviceContext, day: Itinerary, case: Case, candidate: Candidate, own: Sequence[Visit]
) -> Facts:
    """The facts of a second visit: today's own are history, and count against the caps that are shared."""
    address = case.address(candidate.address_id) or case.addresses[0]
    told = {contact.at for contact in case.contacts if contact.channel is Channel.VISIT}
    today = tuple(
        ContactAttempt(visit.started_at, Channel.VISIT, reached_by(visit.outcome))
        for visit in own
        if visit.started_at not in told
    )
    officers = tuple(officer.officer_id for officer in day.officers)
    later = replace(case, contacts=(*case.contacts, *today))
    facts = facts_now(ctx, Action.VISIT_START, later, address, officers)
    spent = {cap: max(0, left - len(own)) for cap, left in (facts.allowance or {}).items()}
    return replace(facts, allowance=spent)


def _refused(case_id: str, findings: Sequence[Finding]) -> RefusedError:
    rules = ", ".join(finding.rule for finding in findings)
    return RefusedError(
        "600.62",
        words(
            "{case_id} may not be visited again today ({rules}).",
            case_id=case_id,
            rules=rules or "-",
        ),
        words("The office plans it for another day."),
        findings=[to_builtins(finding) for finding in findings],
    )
