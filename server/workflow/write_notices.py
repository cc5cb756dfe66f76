"""Writes the notices of a day's plan, one for each planned visit; writing them again changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.itinerary import Stop
from fieldsync.domain.notice import Notice, NoticeState
from fieldsync.errors import InputError, NotFoundError
from fieldsync.words import words
from server.config import Lender
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import load_cases
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.notices import StoredNotice, add_notice, find_notices, save_notice
from server.store.plans import StoredPlan, latest_plan_id, load_plan
from server.store.retrying import retried
from server.workflow.notice_letter import write_letter

# What a letter calls "between ... and ...": visits before this one may take longer than planned.
_LIKELY = timedelta(hours=2)
_UNSENT = frozenset({NoticeState.WRITTEN, NoticeState.REFUSED})
_STANDING = frozenset(NoticeState) - {NoticeState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Written:
    """What writing did, or would do: new notices, those that say so already, those taken back."""

    plan_id: str
    new: tuple[StoredNotice, ...]
    kept: tuple[StoredNotice, ...]
    withdrawn: tuple[StoredNotice, ...]


@retried
def write_notices(ctx: ServerContext, branch: str, day: date, *, dry_run: bool = False) -> Written:
    """A notice for every stop of the newest plan of the day, drafted or published.

    A notice that names another place or time than the plan is taken back where it was not sent, and
    followed by a new one. InputError 422.531 where the lender has no name or telephone; NotFoundError
    404.85 where the day is not planned.
    """
    lender = _lender(ctx)
    now = ctx.clock.now()
    with reading(ctx.engine) if dry_run else writing(ctx.engine) as conn:
        if not dry_run:
            one_at_a_time(conn, "office")
        plan = _newest_plan(conn, branch, day)
        written = _compare(conn, plan, lender, ctx.new_id, ctx.config.outbox.channel, now)
        if not dry_run:
            _keep(conn, written, branch, day, now)
    return written


def _lender(ctx: ServerContext) -> Lender:
    lender = ctx.config.lender
    if not lender.name or not lender.phone:
        raise InputError(
            "422.531",
            words("A notice needs the bank's name and a telephone number for answers."),
            words("Write both under [lender] in config.toml."),
        )
    return lender


def _newest_plan(conn: Connection, branch: str, day: date) -> StoredPlan:
    plan_id = latest_plan_id(conn, branch, day)
    stored = load_plan(conn, plan_id) if plan_id else None
    if stored is None:
        raise NotFoundError(
            "404.85",
            words("Nothing is planned for {branch} on {day}.", branch=branch, day=day.isoformat()),
            words("Make a plan with `fieldsync-server plan`, then write its notices."),
        )
    return stored


def _compare(
    conn: Connection,
    plan: StoredPlan,
    lender: Lender,
    new_id: Callable[[], str],
    channel: str,
    now: datetime,
) -> Written:
    """What the plan needs beside what there is."""
    planned = [(stop, one.zone) for one in plan.plan.itineraries for stop in one.stops]
    standing = _standing(find_notices(conn, branch=plan.plan.branch, day=plan.plan.day))
    cases = load_cases(conn, [stop.case_id for stop, _zone in planned])
    new, kept = [], []
    for stop, zone in planned:
        known = [one for one in standing.get(stop.case_id, ()) if _says(one.notice, stop)]
        if known:
            kept.append(known[-1])
            continue
        notice = _written(cases[stop.case_id], stop, zone, plan.plan_id, new_id(), lender)
        day = plan.plan.day
        new.append(
            StoredNotice(notice, plan.plan.branch, day, channel, NoticeState.WRITTEN, now, None, {})
        )
    said = {one.notice.notice_id for one in kept}
    withdrawn = tuple(
        replace(one, state=NoticeState.WITHDRAWN)
        for of_case in standing.values()
        for one in of_case
        if one.state in _UNSENT and one.notice.notice_id not in said
    )
    return Written(plan.plan_id, tuple(new), tuple(kept), withdrawn)


def _standing(found: Sequence[StoredNotice]) -> Mapping[str, list[StoredNotice]]:
    by_case: dict[str, list[StoredNotice]] = {}
    for one in found:
        if one.state in _STANDING:
            by_case.setdefault(one.notice.case_id, []).append(one)
    return by_case


def _says(notice: Notice, stop: Stop) -> bool:
    """Whether the notice names this place and a span with this time in it."""
    return notice.address_id == stop.address_id and notice.window.contains(stop.start)


def _written(
    case: Case, stop: Stop, zone: str, plan_id: str, notice_id: str, lender: Lender
) -> Notice:
    address = case.address(stop.address_id)
    there = address.zone if address else zone
    window = _likely(case, stop, there)
    blank = Notice(notice_id, case.case_id, plan_id, stop.address_id, window, there, "", "", "")
    wording = write_letter(case, blank, lender)
    return replace(blank, language=wording.language, subject=wording.subject, text=wording.text)


def _likely(case: Case, stop: Stop, zone: str) -> Window:
    """The time agreed, or two hours from the full hour in which the visit begins."""
    agreed = case.appointment.window if stop.is_appointment and case.appointment else None
    if agreed is not None and agreed.contains(stop.start):
        return agreed
    hour = stop.start.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    return Window(hour, hour + _LIKELY)


def _keep(conn: Connection, written: Written, branch: str, day: date, now: datetime) -> None:
    for one in written.new:
        add_notice(conn, one)
    for one in written.withdrawn:
        save_notice(conn, one)
    if written.new or written.withdrawn:
        record(
            conn,
            at=now,
            actor="office",
            action="notices.write",
            subject=written.plan_id,
            detail={
                "branch": branch,
                "day": day.isoformat(),
                "new": len(written.new),
                "withdrawn": len(written.withdrawn),
            },
        )
