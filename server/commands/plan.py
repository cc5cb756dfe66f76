"""`fieldsync-server plan`: plan a branch's day, or every branch's; ask what if; explain and show plans."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from fieldsync.errors import InputError
from fieldsync.locale import _, language
from fieldsync.planner.problem import Budget
from fieldsync.terminal.lazy_group import ExampleGroup
from fieldsync.terminal.output import note, pick
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words
from server.commands.ctrl_c import stopped_by_ctrl_c
from server.commands.plan_all import plan_all
from server.commands.plan_explain import explain
from server.commands.plan_what_if import show_what_if
from server.commands.show_plan import show_plan, show_stored_plan, write_plan_map, write_plan_page
from server.commands.typed_shift import typed_shift
from server.context import ServerContext, open_server
from server.store.plans import PlanFacts
from server.workflow.plan_visits import DEFAULT_BUDGET, WORKERS, Asked, keep_plan
from server.workflow.what_if import WhatIf

_WITHOUT_END = 1_000_000_000


@click.group(
    cls=ExampleGroup,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
    help=_(
        "Plan a branch's day: who may be visited, in what order, by which pair. "
        "The plan is kept; nothing reaches a device before `publish`."
    ),
    examples=(
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --seconds 60 --json",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --map day.html",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --without SZ1039",
        "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24 --shift 9:00-17:00 --keep",
        "fieldsync-server plan --all --date 2026-11-24 --jobs 2",
    ),
)
@click.option("--branch", metavar="B", help=_("The branch to plan."))
@click.option("--all", "every", is_flag=True, help=_("Plan every branch, each by a process."))
@click.option("--date", "day", metavar="YYYY-MM-DD", help=_("The day to plan."))
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
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    metavar="N",
    help=_("With --all: plan this many branches at a time."),
)
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS),
    default=WORKERS,
    metavar="N",
    help=_("Search a branch in so many processes; what they find does not depend on it."),
)
@click.option(
    "--without",
    multiple=True,
    metavar="WHO",
    help=_("What if this officer or pair is away? May be given several times."),
)
@click.option(
    "--shift", metavar="H:MM-H:MM", help=_("What if every pair works from and until then?")
)
@click.option(
    "--keep", is_flag=True, help=_("Keep a what-if as a plan; otherwise it is only shown.")
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Also write the routes as a web page to this file."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(  # noqa: PLR0913 - one argument an option
    click_context: click.Context,
    *,
    branch: str | None,
    every: bool,
    day: str | None,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    jobs: int,
    workers: int,
    without: tuple[str, ...],
    shift: str | None,
    keep: bool,
    map_file: Path | None,
    as_json: bool,
) -> int | None:
    """Plan, keep the plan and show it, unless a command of the group is to run."""
    if click_context.invoked_subcommand is not None:
        return None
    if day is None or (branch is None) != every:
        raise InputError(
            "422.582",
            words("Which day of which branch is to be planned?"),
            words("Give --date, and either --branch or --all."),
        )
    what_if = WhatIf(without, typed_shift(shift) if shift else None)
    budget = _budget(seconds, iterations, seed)
    ctx = open_server(click_context.obj)
    if branch is None:
        _refuse_for_all(what_if, map_file)
        return plan_all(ctx, typed_day(day), budget, jobs=jobs, workers=workers, as_json=as_json)
    asked = Asked(branch, typed_day(day), budget, what_if, _progress, workers)
    _plan_one(ctx, asked, keep=keep, map_file=map_file, as_json=as_json)
    return None


def _plan_one(
    ctx: ServerContext, asked: Asked, *, keep: bool, map_file: Path | None, as_json: bool
) -> None:
    with stopped_by_ctrl_c() as stop:
        asked = replace(asked, budget=replace(asked.budget, stop=stop))
        if asked.what_if.is_any and not keep:
            show_what_if(ctx, asked, _wipe_progress, as_json=as_json)
            return
        stored = keep_plan(ctx, asked)
    _wipe_progress()
    show_stored_plan(stored, as_json=as_json)
    _say_travel_note(stored.facts)
    if map_file is not None:
        write_plan_map(ctx, stored, map_file)
    note(_("Next: `fieldsync-server publish --plan {plan_id}`", plan_id=stored.plan_id))


def _refuse_for_all(what_if: WhatIf, map_file: Path | None) -> None:
    if what_if.is_any or map_file is not None:
        raise InputError(
            "422.583",
            words("--without, --shift and --map are for one branch."),
            words("Name it with --branch instead of --all."),
        )


def _say_travel_note(facts: PlanFacts) -> None:
    if facts.travel_note:
        note(pick(facts.travel_note, language()))


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


@command.command("show", help=_("Show a plan: pairs, appointments, who stays at home and why."))
@click.argument("plan_id", metavar="PLAN")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Write it as a web page with the day by the clock, the routes and each pair's load."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, plan_id: str, page: Path | None, as_json: bool) -> None:
    """Show a stored plan, or write its page."""
    ctx = open_server(home)
    if page is None:
        show_plan(ctx, plan_id, as_json=as_json)
    else:
        write_plan_page(ctx, plan_id, page)


@command.command(
    "explain",
    help=_(
        "Say what a plan was made from, or why a case is on it or not; with --again search once more"
        " and say whether the same routes come out."
    ),
)
@click.argument("plan_id", metavar="PLAN")
@click.argument("case_id", metavar="[CASE]", required=False)
@click.option("--again", is_flag=True, help=_("Search again with the same seed and steps."))
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def explain_plan(
    home: str | None, *, plan_id: str, case_id: str | None, again: bool, as_json: bool
) -> None:
    """Explain a stored plan or one case of it."""
    explain(open_server(home), plan_id, case_id, again=again, as_json=as_json)
