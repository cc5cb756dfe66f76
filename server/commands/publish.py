"""`fieldsync-server publish`: hand a plan out as itineraries."""

import click

from fieldsync.errors import InputError, NotFoundError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say, say_json
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words
from server.context import ServerContext, open_server
from server.store.engine import reading
from server.store.plans import latest_plan_id
from server.workflow.prune_feed import prune
from server.workflow.publish_itineraries import Published, publish_plan


@click.command(
    cls=ExampleCommand,
    help=_(
        "Hand a plan out: every pair gets its itinerary and cases with the next sync of its devices. "
        "Publishing the same plan again changes nothing."
    ),
    examples=(
        "fieldsync-server publish --branch SZ-NANSHAN --date 2026-11-24",
        "fieldsync-server publish --plan 019ab0c4-6e5c-7d53-8f6e-3a1b2c3d4e5f",
    ),
)
@click.option("--plan", "plan_id", metavar="ID", help=_("The plan to publish."))
@click.option("--branch", metavar="B", help=_("Publish this branch's newest plan ..."))
@click.option("--date", "day", metavar="YYYY-MM-DD", help=_("... of this day."))
@click.option(
    "--leave-out",
    is_flag=True,
    help=_("Leave out the visits that need a notice which was not given in time."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(
    home: str | None,
    *,
    plan_id: str | None,
    branch: str | None,
    day: str | None,
    leave_out: bool,
    as_json: bool,
) -> None:
    """Publish a plan and say what changed."""
    ctx = open_server(home)
    wanted = plan_id or _newest(ctx, branch, day)
    prune(ctx)
    published = publish_plan(ctx, wanted, leave_out=leave_out)
    if as_json:
        say_json(_as_json(published))
    else:
        _say(published)
    note(_("Next: `fieldsync-server run`, and `fieldsync sync` on each device."))


def _newest(ctx: ServerContext, branch: str | None, day: str | None) -> str:
    if branch is None or day is None:
        raise InputError(
            "422.38",
            words("Which plan is to be published?"),
            words("Name it with --plan, or give --branch and --date for the newest of a day."),
        )
    wanted = typed_day(day)
    with reading(ctx.engine) as conn:
        found = latest_plan_id(conn, branch, wanted)
    if found is None:
        raise NotFoundError(
            "404.33",
            words("There is no plan of {branch} for {day}.", branch=branch, day=wanted.isoformat()),
            words("Make one with `fieldsync-server plan`."),
        )
    return found


def _say(published: Published) -> None:
    say(
        _(
            "{branch} on {day}: {new} itineraries new, {changed} changed, {unchanged} unchanged.",
            branch=published.branch,
            day=published.day.isoformat(),
            new=published.new,
            changed=published.changed,
            unchanged=published.unchanged,
        )
    )
    say(_("Cases given to other officers: {count}.", count=published.cases_reassigned))
    if published.left_out:
        told = listed(published.left_out)
        say(_("Left out, because nobody was told in time: {cases}.", cases=told))


def _as_json(published: Published) -> dict[str, object]:
    return {
        "plan_id": published.plan_id,
        "branch": published.branch,
        "day": published.day.isoformat(),
        "itineraries_new": published.new,
        "itineraries_changed": published.changed,
        "itineraries_unchanged": published.unchanged,
        "cases_reassigned": published.cases_reassigned,
        "left_out": list(published.left_out),
    }
