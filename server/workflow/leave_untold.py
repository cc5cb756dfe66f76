"""Keeps visits off the road whose borrower was not told in time, where the rules ask for that."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from fieldsync.conduct.eligibility import assess
from fieldsync.conduct.notice_needed import notice_hours
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import Case
from fieldsync.domain.itinerary import Itinerary
from fieldsync.errors import RefusedError
from fieldsync.planner.strike import struck
from fieldsync.words import words
from server.store.cases import load_cases
from server.store.plans import StoredPlan

_SHOWN = 5


def without_untold(
    conn: Connection, stored: StoredPlan, rulesets: Sequence[Ruleset], *, leave_out: bool
) -> tuple[StoredPlan, tuple[str, ...]]:
    """The plan without spares who were told nothing, and without such stops; the cases of these stops.

    RefusedError 422.535 where there are such stops and they are not to be left out.
    """
    plan = stored.plan
    case_ids = {c.case_id for one in plan.itineraries for c in one.candidates}
    cases = load_cases(conn, sorted(case_ids))
    left = [_lawful(one, cases, rulesets) for one in plan.itineraries]
    stops = sorted(
        {stop.case_id for one in plan.itineraries for stop in one.stops}
        - {stop.case_id for one in left for stop in one.stops}
    )
    if stops and not leave_out:
        raise RefusedError(
            "422.535",
            words(
                "Of {count} visits the borrower was not told in time: {cases}.",
                count=len(stops),
                cases=", ".join(stops[:_SHOWN]),
            ),
            words(
                "Write and send their notices (`fieldsync-server notices`), or publish without these"
                " visits: --leave-out."
            ),
            cases=stops,
        )
    return replace(stored, plan=replace(plan, itineraries=tuple(left))), tuple(stops)


def _lawful(draft: Itinerary, cases: dict[str, Case], rulesets: Sequence[Ruleset]) -> Itinerary:
    """The draft without those who had to be told and were not, or so late that it is too early."""
    starts = {stop.case_id: stop.start for stop in draft.stops}
    untold = set()
    for candidate in draft.candidates:
        case = cases[candidate.case_id]
        if not notice_hours(rulesets, case.address(candidate.address_id)):
            continue
        windows = assess(case, draft.day, rulesets).windows
        start = starts.get(candidate.case_id)
        if not any(start is None or window.contains(start) for window in windows):
            untold.add(candidate.case_id)
    return replace(struck(draft, untold), struck=draft.struck)
