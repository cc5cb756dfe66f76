"""Plans every branch, each in a process of its own: one line as it is done, a table at the end."""

from collections.abc import Callable, Sequence
from datetime import date

from fieldsync.domain.codec import to_builtins
from fieldsync.errors import EXIT_DONE, EXIT_FAILED
from fieldsync.locale import _, language
from fieldsync.planner.problem import Budget
from fieldsync.terminal.output import note, say, say_json, table
from server.commands.ctrl_c import stopped_by_ctrl_c
from server.context import ServerContext
from server.store.engine import reading
from server.store.pairs import known_branches
from server.workflow.branch_processes import BranchDone, Each, plan_branches


def plan_all(
    ctx: ServerContext, day: date, budget: Budget, *, jobs: int, workers: int, as_json: bool
) -> int:
    """Plan all branches for a day; the exit code is `failed` where one could not be planned."""
    with reading(ctx.engine) as conn:
        branches = known_branches(conn)
    each = Each(ctx.config.home, day, budget, 1 if jobs > 1 else workers, language())
    with stopped_by_ctrl_c() as stop:
        done = plan_branches(branches, each, jobs, stop, _teller(len(branches)))
    if as_json:
        say_json({"day": day.isoformat(), "branches": to_builtins(done)})
    else:
        say(_table(done))
    not_begun = len(branches) - len(done)
    if not_begun:
        note(_("{count} branches were not begun.", count=not_begun))
    return EXIT_FAILED if not_begun or any(one.has_failed for one in done) else EXIT_DONE


def _teller(of: int) -> Callable[[BranchDone], None]:
    """Says each branch's outcome on a line of its own, numbered."""
    told: list[str] = []

    def tell(one: BranchDone) -> None:
        told.append(one.branch)
        note(f"{len(told)}/{of} {one.branch}: {_outcome(one)}, " + _seconds(one))

    return tell


def _seconds(one: BranchDone) -> str:
    return _("{seconds} s", seconds=f"{one.seconds:.1f}")


def _outcome(one: BranchDone) -> str:
    if one.code:
        return f"{one.message} ({one.code})"
    return _(
        "{stops} stops for {pairs} pairs, {kept} of {appointments} appointments kept",
        stops=one.stops,
        pairs=one.pairs,
        kept=one.appointments - one.missed,
        appointments=one.appointments,
    )


def _table(done: Sequence[BranchDone]) -> str:
    rows = [
        (
            one.branch,
            "-" if one.code else str(one.stops),
            "-" if one.code else f"{one.appointments - one.missed}/{one.appointments}",
            _seconds(one),
            "-" if one.peak_mb is None else str(one.peak_mb),
            f"{one.message} ({one.code})" if one.code else one.plan_id,
        )
        for one in done
    ]
    head = (_("Branch"), _("Stops"), _("Agreed"), _("Time"), _("Memory, MB"), _("Plan"))
    return table(rows, head, last=5)
