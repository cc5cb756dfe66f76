"""Makes sure that a plan may still be handed out: of a day to come, the newest, its cases unchanged."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync.conduct.eligibility import Eligibility, assess
from fieldsync.conduct.notice_needed import told_at
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.itinerary import Candidate
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.words import words
from server.store.cases import load_cases
from server.store.plans import DayPlan, StoredPlan, load_plan, newest_published_at

_SHOWN = 5
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def today_of(plan: DayPlan, now: datetime) -> date:
    """Today at the branch."""
    return now.astimezone(ZoneInfo(plan.itineraries[0].zone)).date()


def get_plan(conn: Connection, plan_id: str) -> StoredPlan:
    """The stored plan; NotFoundError 404.32 if there is none."""
    stored = load_plan(conn, plan_id)
    if stored is None:
        raise NotFoundError(
            "404.32",
            words("There is no plan {plan_id}.", plan_id=plan_id),
            words("Make one with `fieldsync-server plan`, or name the branch and the day."),
        )
    return stored


def checked_plan(
    conn: Connection, plan_id: str, now: datetime, rulesets: Sequence[Ruleset]
) -> StoredPlan:
    """The stored plan, if it may go out now; the errors are those of `publish_plan`."""
    stored = get_plan(conn, plan_id)
    plan = stored.plan
    today = today_of(plan, now)
    if plan.day < today:
        raise InputError(
            "422.34",
            words(
                "{day} is past; today is {today}.",
                day=plan.day.isoformat(),
                today=today.isoformat(),
            ),
            words("Choose today or a later day."),
        )
    newest = newest_published_at(conn, plan.branch, plan.day)
    if newest is not None and newest > stored.at:
        raise ConflictError(
            "409.31",
            words(
                "A newer plan of {branch} for {day} is published.",
                branch=plan.branch,
                day=plan.day.isoformat(),
            ),
            words("Make a new plan if the day should change again."),
        )
    _refuse_changed_cases(conn, stored, rulesets)
    return stored


def _refuse_changed_cases(
    conn: Connection, stored: StoredPlan, rulesets: Sequence[Ruleset]
) -> None:
    """Judge every case of the plan again, as it stands now; any that may not be visited as planned stops it.

    Whether its borrower was told beforehand is asked apart (`leave_untold`).
    """
    day = stored.plan.day
    planned = {c.case_id: c for i in stored.plan.itineraries for c in i.candidates}
    starts = {stop.case_id: stop.start for i in stored.plan.itineraries for stop in i.stops}
    changed = [
        case_id
        for case_id, case in load_cases(conn, list(planned)).items()
        if not _holds_still(
            assess(told_at(case, day, _LONG_AGO), day, rulesets),
            planned[case_id],
            starts.get(case_id),
        )
    ]
    if changed:
        raise ConflictError(
            "409.32",
            words(
                "Since the plan was made, {count} of its cases changed so that they may not be visited as planned: {cases}.",
                count=len(changed),
                cases=", ".join(sorted(changed)[:_SHOWN]),
            ),
            words("Plan the day again, then publish the new plan."),
        )


def _holds_still(now: Eligibility, planned: Candidate, start: datetime | None) -> bool:
    """Whether the case may be visited at the place as planned, and at the time agreed since."""
    elsewhere = {address_id for address_id, _windows in now.elsewhere}
    if planned.address_id not in {now.address_id, *elsewhere}:
        return False
    if not now.is_appointment:
        return True
    kept = start is None or any(window.contains(start) for window in now.windows)
    return planned.is_appointment and kept
