"""`fieldsync-server plan`: plan a branch's day and keep the plan."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from fieldsync.locale import _
from fieldsync.planner.problem import Budget
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note
from fieldsync.terminal.typed_day import typed_day
from server.commands.ctrl_c import stopped_by_ctrl_c
from server.commands.show_plan import show_stored_plan, write_plan_map
from server.context import open_server
from server.workflow.plan_visits import DEFAULT_BUDGET, plan_visits

_WITHOUT_END = 1_000_000_000


@click.command(
    cls=ExampleCommand,
    help=_(
        "Plan a branch's day: who may be visited, in what order, by which pair. "
        "The plan is kept; nothing reaches a device before `publish`."
    ),
    examples=(
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --seconds 60 --json",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --map day.html",
    ),
)
@click.option("--branch", required=True, metavar="B", help=_("The branch to plan."))
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help=_("The day to plan."))
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    metavar="S",
    help=_("Search this long instead of a fixed number of steps."),
)
@click.option(
    "--iterations",
    type=click.IntRange(0, _WITHOUT_END),
    metavar="N",
    help=_("Search this many steps: the same steps and seed give the same plan again."),
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    default=1,
    metavar="N",
    help=_("Seed of the search."),
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Also write the routes as a web page to this file."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(  # noqa: PLR0913 - one argument an option
    home: str | None,
    *,
    branch: str,
    day: str,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    map_file: Path | None,
    as_json: bool,
) -> None:
    """Plan, keep the plan and show it."""
    wanted = typed_day(day)
    ctx = open_server(home)
    with stopped_by_ctrl_c() as stop:
        budget = replace(_budget(seconds, iterations, seed), stop=stop)
        stored = plan_visits(ctx, branch, wanted, budget=budget, progress=_progress)
    _wipe_progress()
    show_stored_plan(stored, as_json=as_json)
    if map_file is not None:
        write_plan_map(ctx, stored, map_file)
    note(_("Next: `fieldsync-server publish --plan {plan_id}`", plan_id=stored.plan_id))


def _budget(seconds: float | None, iterations: int | None, seed: int) -> Budget:
    budget = replace(DEFAULT_BUDGET, seed=seed)
    if seconds is not None:
        budget = replace(budget, seconds=seconds, iterations=_WITHOUT_END)
    if iterations is not None:
        # A promise to an auditor: the steps decide, so the clock gets out of the way.
        budget = replace(budget, iterations=iterations, seconds=seconds or 3600.0)
    return budget


def _progress(done: int, of: int, points: int) -> None:
    if sys.stderr.isatty():
        line = _("Planning …") + f" {100 * done // of} %, " + _("{points} points", points=points)
        click.echo("\r" + line + "  ", err=True, nl=False)


def _wipe_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r" + " " * 40 + "\r", err=True, nl=False)
