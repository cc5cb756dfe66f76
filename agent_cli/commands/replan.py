"""`fieldsync replan`: re-order the rest of the day, with no network; take it back; show every order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import click

from agent_cli.actions.replan import Cause, Proposal, accept, day_of, propose
from agent_cli.actions.replan_undo import undo, undoing
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.replan_asked import read_appointments, read_point
from agent_cli.replan_shown import (
    changes_facts,
    orders_facts,
    say_changes,
    say_missed,
    say_orders,
)
from agent_cli.shown import mark_training
from agent_cli.store import cases, itineraries, orders
from agent_cli.terminal_input import may_ask
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.locale import _, both
from fieldsync.planner.day_changes import differs
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say_json

_LATE_MOST = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The command line."""

    place: str | None
    from_stop: str | None
    late: int | None
    agreed: tuple[str, ...]
    again: tuple[str, ...]
    eaten: bool
    undone: bool
    listed: bool
    reason: str
    yes: bool
    as_json: bool

    @property
    def is_cause(self) -> bool:
        """Whether something is told that makes a new order."""
        return bool(
            self.place or self.from_stop or self.late or self.agreed or self.again or self.eaten
        )


@click.command(
    cls=ExampleCommand,
    help=_("Re-order the rest of the day from here and now; works with no network."),
    examples=(
        "fieldsync replan",
        "fieldsync replan --late 40 --yes",
        "fieldsync replan --appointment NS-0001=14:30",
        "fieldsync replan --from 22.5431,114.0579 --yes",
        "fieldsync replan --undo",
    ),
)
@click.option("--from", "place", metavar="LAT,LON", help=_("Where you are, in degrees (WGS-84)."))
@click.option("--from-stop", metavar="CASE", help=_("You are at this case's address."))
@click.option(
    "--late",
    metavar="MIN",
    type=click.IntRange(1, _LATE_MOST),
    help=_("You can leave only in so many minutes."),
)
@click.option(
    "--appointment",
    "agreed",
    metavar="CASE=HH:MM[-HH:MM]",
    multiple=True,
    help=_("A time that was agreed for today; without an end within half an hour."),
)
@click.option(
    "--again",
    metavar="CASE",
    multiple=True,
    help=_("Nobody was at home: try once more today, where the rules allow it."),
)
@click.option("--eaten", is_flag=True, help=_("Your break is behind you."))
@click.option("--undo", "undone", is_flag=True, help=_("Bring the former order back."))
@click.option(
    "--list", "listed", is_flag=True, help=_("Show every order of the day; change nothing.")
)
@click.option("--reason", default="", metavar="TEXT", help=_("Why, for the office."))
@click.option("--yes", is_flag=True, help=_("Take the new order without asking."))
@click.option(
    "--json", "as_json", is_flag=True, help=_("Print JSON; the order is kept only with --yes.")
)
@click.pass_obj
def command(options: Options, /, **line: object) -> None:
    """Propose a new order and keep it if the officer says so."""
    asked = _Asked(**line)  # type: ignore[arg-type]  # click has checked each value's type
    if (asked.undone or asked.listed) and (asked.is_cause or (asked.undone and asked.listed)):
        raise click.UsageError(_("--undo and --list stand alone."))
    with open_device(options) as ctx:
        mark_training(ctx)
        if asked.listed:
            _list(ctx, asked)
        elif asked.undone:
            _undo(ctx, options, asked)
        else:
            _replan(ctx, options, asked)


def _replan(ctx: DeviceContext, options: Options, asked: _Asked) -> None:
    cause = Cause(
        position=read_point(asked.place),
        from_case=asked.from_stop,
        late=None if asked.late is None else timedelta(minutes=asked.late),
        agreed=read_appointments(asked.agreed, ctx.clock.now()),
        again=asked.again,
        has_eaten=asked.eaten,
    )
    found = propose(ctx, cause)
    new = found.replan.itinerary
    changed = differs(found.old, new, found.visited)
    if asked.as_json:
        say_json(_facts(found, kept=asked.yes and changed))
    else:
        say_changes(found.old, new, found.visited, found.cases, found.replan.dropped)
        say_missed(found.replan.missed)
    if not changed:
        note(_("The order is the best there is; nothing was changed."))
        return
    _keep(options, asked, lambda: accept(ctx, new, asked.reason))


def _undo(ctx: DeviceContext, options: Options, asked: _Asked) -> None:
    what = undoing(ctx)
    if asked.as_json:
        say_json(_undo_facts(what.old, what.former, what.visited, kept=asked.yes))
    else:
        say_changes(what.old, what.former, what.visited, cases.load_cases(ctx.conn), {})
    _keep(options, asked, lambda: undo(ctx, what, asked.reason))


def _list(ctx: DeviceContext, asked: _Asked) -> None:
    day = day_of(ctx)
    published = itineraries.published_for(ctx.conn, day.day) or day
    kept = orders.of_itinerary(ctx.conn, day)
    if asked.as_json:
        say_json({"itinerary_id": day.itinerary_id, "orders": orders_facts(published, kept)})
    else:
        say_orders(published, kept)


def _keep(options: Options, asked: _Asked, keep: Callable[[], None]) -> None:
    """Keep the order if the officer says so."""
    may_confirm = not asked.as_json and may_ask(options)
    if asked.yes or (may_confirm and click.confirm(_("Take the new order?"), err=True)):
        keep()
        note(_("The new order is kept. Next: `fieldsync today`."))
    else:
        note(_("Nothing was changed. Add --yes to take the new order."))


def _facts(found: Proposal, *, kept: bool) -> dict[str, object]:
    proposal, new = found.replan, found.replan.itinerary
    return {
        **_undo_facts(found.old, new, found.visited, kept=kept),
        "dropped": {case_id: both(why) for case_id, why in proposal.dropped.items()},
        "added": {case_id: both(why) for case_id, why in proposal.added.items()},
        "missed": {case_id: both(why) for case_id, why in proposal.missed.items()},
    }


def _undo_facts(
    old: Itinerary, new: Itinerary, visited: tuple[str, ...], *, kept: bool
) -> dict[str, object]:
    return {
        "itinerary_id": old.itinerary_id,
        "base_version": old.version,
        "before": [stop.case_id for stop in old.stops],
        "after": [stop.case_id for stop in new.stops],
        "changes": changes_facts(old, new, visited),
        "lunch": to_builtins(new.lunch),
        "return_at": new.return_at.isoformat(),
        "stops": [to_builtins(stop) for stop in new.stops],
        "kept": kept,
    }
