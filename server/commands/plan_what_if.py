"""Shows what a day would be with other officers or hours, beside the newest plan, and keeps nothing."""

from collections.abc import Callable

from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _
from fieldsync.terminal.output import listed, note, say, say_json, table
from server.context import ServerContext
from server.store.engine import reading
from server.store.plans import DayPlan, latest_plan_id
from server.workflow.check_plan import get_plan
from server.workflow.plan_difference import Counts, Difference, difference
from server.workflow.plan_visits import Asked, draft_plan
from server.workflow.what_if import AS_IT_IS

_SHOWN = 12


def show_what_if(
    ctx: ServerContext, asked: Asked, wipe_progress: Callable[[], None], *, as_json: bool
) -> None:
    """Draft the day as supposed and set it beside the newest plan, or beside the day as it is."""
    before, plan_id = _before(ctx, asked)
    after, _facts = draft_plan(ctx, asked, ctx.clock.now())
    wipe_progress()
    found = difference(before, after)
    if as_json:
        say_json({"compared_with": plan_id, **to_builtins(found)})
    else:
        _say(asked, found)
    note(_("Nothing was kept. With --keep it becomes the branch's newest plan."))


def _before(ctx: ServerContext, asked: Asked) -> tuple[DayPlan, str | None]:
    with reading(ctx.engine) as conn:
        plan_id = latest_plan_id(conn, asked.branch, asked.day)
        if plan_id is not None:
            return get_plan(conn, plan_id).plan, plan_id
    as_it_is = Asked(asked.branch, asked.day, asked.budget, AS_IT_IS, asked.progress, asked.workers)
    plan, _facts = draft_plan(ctx, as_it_is, ctx.clock.now())
    return plan, None


def _say(asked: Asked, found: Difference) -> None:
    say(
        _("{branch} on {day}, supposed:", branch=asked.branch, day=asked.day.isoformat())
        + " "
        + _supposed(asked)
    )
    say("")
    rows = [
        (name, str(read(found.before)), str(read(found.after)), f"{change:+d}")
        for name, read in _counts()
        for change in [read(found.after) - read(found.before)]
    ]
    say(table(rows, ("", _("Plan"), _("What if"), _("Change"))))
    for title, cases in (
        (_("Visited only then"), found.gained),
        (_("No longer visited"), found.lost),
        (_("Visited by another pair"), found.moved),
    ):
        if cases:
            more = ", …" if len(cases) > _SHOWN else ""
            say("")
            say(f"{title} ({len(cases)}): {listed(cases[:_SHOWN])}{more}")


def _counts() -> tuple[tuple[str, Callable[[Counts], int]], ...]:
    return (
        (_("Pairs on the road"), lambda counts: counts.pairs),
        (_("Stops"), lambda counts: counts.stops),
        (_("Appointments missed"), lambda counts: counts.appointments_missed),
        (_("Minutes on the way to them"), lambda counts: counts.travel_s // 60),
    )


def _supposed(asked: Asked) -> str:
    parts = []
    if asked.what_if.without:
        parts.append(_("without {officers}", officers=listed(asked.what_if.without)))
    if asked.what_if.shift:
        begin, end = asked.what_if.shift
        parts.append(_("shift {begin}-{end}", begin=f"{begin:%H:%M}", end=f"{end:%H:%M}"))
    return listed(parts)
