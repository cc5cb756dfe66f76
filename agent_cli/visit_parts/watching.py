"""`fieldsync visit watch`: counts the visit down to its limit, and rings the bell before it."""

from collections.abc import Callable

import click

from agent_cli.actions.ending import until_ended
from agent_cli.actions.visit import running_visit
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import visits
from fieldsync.domain.visit import Visit
from fieldsync.domain.visit_limits import Limit, is_overdue, limit_at, minutes_left
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say

_LOOK_S = 1.0


@click.command(
    "watch",
    cls=ExampleCommand,
    help=_("Count the visit down in the foreground; the terminal rings 15 and 5 minutes before."),
    examples=("fieldsync visit watch NS-0001",),
)
@click.argument("case_id", metavar="[CASE]", required=False)
@click.pass_obj
def watch(options: Options, case_id: str | None) -> None:
    """Watch until the limit, the exit, or Ctrl-C."""
    with open_device(options) as ctx:
        mark_training(ctx)
        visit = running_visit(ctx, case_id)
        if visit.leave_by is None:
            note(_("No rule ends this visit today."))
        with until_ended(ctx.home) as rest:
            _count_down(ctx, visit, rest)


def _count_down(ctx: DeviceContext, visit: Visit, rest: Callable[[float], bool]) -> None:
    """A line when the limit comes nearer, one where the expected end passes."""
    said, worried = Limit.FAR, False
    while visits.running(ctx.conn, visit.case_id) is not None:
        now = ctx.clock.now()
        limit = limit_at(now, visit.leave_by)
        if limit > said and visit.leave_by is not None:
            said = limit
            _ring(_near(visit, minutes_left(now, visit.leave_by)))
        if limit is Limit.REACHED:
            return
        if not worried and visit.expected_end and is_overdue(now, visit.expected_end):
            worried = True
            _ring(_("The expected end is over: finish the visit, or call the office."))
        if rest(_LOOK_S):
            return
    say(_("The visit is over."))


def _near(visit: Visit, minutes: int) -> str:
    if minutes == 0 or visit.leave_by is None:
        return _("The visit to {case_id} must end now. Take your leave.", case_id=visit.case_id)
    return _(
        "The visit to {case_id} must be over in {minutes} minutes, by {time}.",
        case_id=visit.case_id,
        minutes=minutes,
        time=clock_time(visit.leave_by),
    )


def _ring(line: str) -> None:
    """The bell goes to the terminal with the line."""
    say(f"\a{line}")
