"""Hands a plan out: a versioned itinerary for each pair, cases to their devices, all in one transaction.

The same plan twice changes nothing. What changed since the plan was made stops it: a case put on
hold in between must not reach the road.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fieldsync.domain.itinerary import Itinerary
from server.context import ServerContext
from server.store.audit import record
from server.store.dialect import one_at_a_time
from server.store.engine import writing
from server.store.feed import publish
from server.store.itineraries import live_itineraries, save_itinerary
from server.store.plans import StoredPlan, mark_published
from server.store.retrying import retried
from server.workflow.assign_cases import assign_cases
from server.workflow.check_plan import checked_plan, today_of
from server.workflow.leave_untold import without_untold
from server.workflow.share_cases import share_cases
from server.workflow.share_itineraries import share_itineraries


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: itineraries new, changed and left as they were; cases whose officers changed.

    `left_out` are cases whose visits stayed off because nobody was told of them in time.
    """

    plan_id: str
    branch: str
    day: date
    new: int
    changed: int
    unchanged: int
    cases_reassigned: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Handout:
    """The versions to store and tell, and how many pairs already have what the plan says."""

    new: tuple[Itinerary, ...]
    changed: tuple[Itinerary, ...]
    unchanged: int

    @property
    def told(self) -> tuple[Itinerary, ...]:
        return (*self.new, *self.changed)


@retried
def publish_plan(ctx: ServerContext, plan_id: str, *, leave_out: bool = False) -> Published:
    """Publish a stored plan; with `leave_out` without the visits that lack the notice they need.

    Raises:
        NotFoundError: 404.32 for an unknown plan.
        InputError: 422.34 for a plan of a past day.
        ConflictError: 409.31 if a newer plan of the day is out, 409.32 if cases changed so that
            they may not be visited any more.
        RefusedError: 422.535 if visits lack their notice and are not to be left out.
    """
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        one_at_a_time(conn, "office")
        stored, untold = without_untold(
            conn,
            checked_plan(conn, plan_id, now, ctx.rulesets),
            ctx.rulesets,
            leave_out=leave_out,
        )
        # From today on, not from the plan's day: whoever is out today keeps today's cases.
        live = live_itineraries(conn, branch=stored.plan.branch, since=today_of(stored.plan, now))
        same_day = [one for one in live if one.day == stored.plan.day]
        handout = _handout(ctx, stored, same_day, now)
        for itinerary in handout.told:
            save_itinerary(conn, itinerary, plan_id)
        current = tuple({one.itinerary_id: one for one in (*live, *handout.told)}.values())
        reassigned = assign_cases(conn, ctx.new_id, _scope(handout.told, live, current), now)
        mark_published(conn, plan_id, now)
        record(
            conn,
            at=now,
            actor="office",
            action="publish",
            subject=plan_id,
            detail={"new": len(handout.new), "changed": len(handout.changed)},
        )
        changes = share_itineraries(conn, handout.told, current) + share_cases(conn, reassigned)
        publish(conn, changes, now)
    return Published(
        plan_id,
        stored.plan.branch,
        stored.plan.day,
        len(handout.new),
        len(handout.changed),
        handout.unchanged,
        len(reassigned),
        untold,
    )


def _handout(
    ctx: ServerContext, stored: StoredPlan, same_day: Sequence[Itinerary], now: datetime
) -> _Handout:
    """Compare each draft with what the pair has; a pair that is not in the plan any more has no stops."""
    has = {one.pair_id: one for one in same_day}
    new, changed, unchanged = [], [], 0
    for draft in stored.plan.itineraries:
        old = has.pop(draft.pair_id, None)
        if old is None:
            new.append(replace(draft, itinerary_id=ctx.new_id(), version=1))
        elif replace(old, itinerary_id="", version=0) == draft:
            unchanged += 1
        else:
            changed.append(replace(draft, itinerary_id=old.itinerary_id, version=old.version + 1))
    # A pair whose shift is over keeps its day as a record; one that left the branch is freed.
    changed += [_emptied(old) for old in has.values() if old.shift.end > now and old.candidates]
    return _Handout(tuple(new), tuple(changed), unchanged)


def _emptied(old: Itinerary) -> Itinerary:
    corner_s = tuple(row[:2] for row in old.travel_s[:2])
    corner_m = tuple(row[:2] for row in old.distance_m[:2])
    return replace(
        old,
        version=old.version + 1,
        stops=(),
        candidates=(),
        return_at=old.shift.start,
        travel_s=corner_s,
        distance_m=corner_m,
    )


def _scope(
    told: Sequence[Itinerary], live: Sequence[Itinerary], current: Sequence[Itinerary]
) -> dict[str, frozenset[str]]:
    """By officer whose day is told or was changed: every case of their itineraries from today on."""
    ids = {one.itinerary_id for one in told}
    touched = {o.officer_id for one in told for o in one.officers}
    touched |= {o.officer_id for one in live if one.itinerary_id in ids for o in one.officers}
    scope: dict[str, set[str]] = {officer: set() for officer in touched}
    for one in current:
        for officer in one.officers:
            if officer.officer_id in scope:
                scope[officer.officer_id] |= {c.case_id for c in one.candidates}
    return {officer: frozenset(case_ids) for officer, case_ids in scope.items()}
