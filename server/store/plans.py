"""Keeps the plans made for a branch's days, each whole, published or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.itinerary import Itinerary
from server.store.tables import plans

_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LeftOutCase:
    """A case that could have been visited and is not, with the reason in both languages."""

    case_id: str
    reason: str
    message: Mapping[str, str]
    is_appointment: bool = False


@dataclass(frozen=True, slots=True)
class NotEligible:
    """How many cases one reason keeps off the road altogether; each case's own is in `assessments`."""

    reason: str
    message: Mapping[str, str]
    cases: int


@dataclass(frozen=True, slots=True)
class NoticeNeeded:
    """A stop that goes out only if its borrower is told first, `by` this instant at the latest."""

    case_id: str
    by: datetime


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The proposal for a branch's day: drafts of itineraries (no id, version 0), and who is not on them.

    `appointments` counts those of the day among eligible cases; `notices_needed` are the stops whose
    rules ask for a notice that was not given when the plan was made.
    """

    branch: str
    day: date
    itineraries: tuple[Itinerary, ...]
    left_out: tuple[LeftOutCase, ...]
    not_eligible: tuple[NotEligible, ...]
    eligible: int
    appointments: int
    notices_needed: tuple[NoticeNeeded, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What an auditor needs to get the same plan again: the same seed and iterations give it.

    `asked_iterations` is what the search was given, 0 in plans of older versions; `by_steps` says
    that no clock and nobody ended it before. `problem_sha256` names all facts it was made from,
    `as_of` the instant they were read.
    """

    seed: int
    iterations: int
    solver: str
    travel_source: str
    matrix_sha256: str
    fieldsync_version: str
    packs: Mapping[str, str]
    asked_iterations: int = 0
    by_steps: bool = False
    problem_sha256: str = ""
    travel_note: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it lies in the store."""

    plan_id: str
    at: datetime
    published_at: datetime | None
    facts: PlanFacts
    plan: DayPlan


def save_plan(
    conn: Connection, plan_id: str, plan: DayPlan, facts: PlanFacts, at: datetime
) -> None:
    """Store a new plan; it counts as the newest even where the clock was set back meanwhile."""
    newest = conn.execute(
        select(func.max(plans.c.at)).where(plans.c.branch == plan.branch, plans.c.day == plan.day)
    ).scalar_one()
    if newest is not None:
        at = max(at, newest + _AN_INSTANT)
    conn.execute(
        insert(plans).values(
            plan_id=plan_id,
            branch=plan.branch,
            day=plan.day,
            at=at,
            facts=to_json(facts),
            body=to_json(plan),
        )
    )


def load_plan(conn: Connection, plan_id: str) -> StoredPlan | None:
    """One plan, or None."""
    row = conn.execute(select(plans).where(plans.c.plan_id == plan_id)).one_or_none()
    if row is None:
        return None
    facts, plan = from_json(row.facts, PlanFacts), from_json(row.body, DayPlan)
    return StoredPlan(row.plan_id, row.at, row.published_at, facts, plan)


def latest_plan_id(conn: Connection, branch: str, day: date) -> str | None:
    """The newest plan of a branch's day, or None."""
    return conn.execute(
        select(plans.c.plan_id)
        .where(plans.c.branch == branch, plans.c.day == day)
        .order_by(plans.c.at.desc(), plans.c.plan_id.desc())
        .limit(1)
    ).scalar_one_or_none()


def newest_published_at(conn: Connection, branch: str, day: date) -> datetime | None:
    """When the newest of the published plans of a branch's day was MADE; None if none is published."""
    return conn.execute(
        select(plans.c.at)
        .where(plans.c.branch == branch, plans.c.day == day, plans.c.published_at.is_not(None))
        .order_by(plans.c.at.desc())
        .limit(1)
    ).scalar_one_or_none()


def mark_published(conn: Connection, plan_id: str, at: datetime) -> None:
    """Say when the plan was handed out last."""
    conn.execute(update(plans).where(plans.c.plan_id == plan_id).values(published_at=at))
