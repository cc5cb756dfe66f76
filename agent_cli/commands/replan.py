"""`fieldsync replan`: re-order the rest of the day, with no network."""

import click

from agent_cli.actions.replan import accept, propose
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.locale import _, both, render
from fieldsync.planner.replan import Replan
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table
from fieldsync.words import words

_LAT_MAX, _LON_MAX = 90, 180


@click.command(
    cls=ExampleCommand,
    help=_("Re-order the rest of the day from here and now; works with no network."),
    examples=("fieldsync replan", "fieldsync replan --from 22.5431,114.0579 --yes"),
)
@click.option("--from", "place", metavar="LAT,LON", help=_("Where you are, in degrees (WGS-84)."))
@click.option("--from-stop", metavar="CASE", help=_("You are at this case's address."))
@click.option("--reason", default="", metavar="TEXT", help=_("Why, for the office."))
@click.option("--yes", is_flag=True, help=_("Take the new order without asking."))
@click.option(
    "--json", "as_json", is_flag=True, help=_("Print JSON; the order is kept only with --yes.")
)
@click.pass_obj
def command(
    options: Options,
    place: str | None,
    from_stop: str | None,
    *,
    reason: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Propose a new order and keep it if the officer says so."""
    with open_device(options) as ctx:
        mark_training(ctx)
        old, proposal = propose(ctx, _point(place), from_stop)
        changed = _timetable(old) != _timetable(proposal.itinerary)
        if as_json:
            say_json(_facts(old, proposal, kept=yes and changed))
        else:
            _say(ctx, old, proposal)
        if not changed:
            note(_("The order is the best there is; nothing was changed."))
        elif yes or (
            not as_json and may_ask(options) and click.confirm(_("Take the new order?"), err=True)
        ):
            accept(ctx, proposal, reason)
            note(_("The new order is kept. Next: `fieldsync today`."))
        else:
            note(_("Nothing was changed. Add --yes to take the new order."))


def _point(text: str | None) -> Point | None:
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("inf")
    if not _is_place(lat, lon):
        raise InputError(
            "600.17",
            words("{text} is not a place.", text=repr(text)),
            words("Latitude comes first: did you mean {place}?", place=f"{lon},{lat}")
            if _is_place(lon, lat)
            else words("Give latitude and longitude in degrees, such as 22.5431,114.0579."),
        )
    return Point(lat, lon)


def _is_place(lat: float, lon: float) -> bool:
    return abs(lat) <= _LAT_MAX and abs(lon) <= _LON_MAX


def _order(itinerary: Itinerary) -> list[str]:
    return [stop.case_id for stop in itinerary.stops]


def _timetable(itinerary: Itinerary) -> list[tuple[str, str]]:
    """The stops as an officer sees them: the same order at other times is another day."""
    return [(stop.case_id, clock_time(stop.start)) for stop in itinerary.stops]


def _say(ctx: DeviceContext, old: Itinerary, proposal: Replan) -> None:
    before = {stop.case_id: clock_time(stop.start) for stop in old.stops}
    after = {stop.case_id: clock_time(stop.start) for stop in proposal.itinerary.stops}
    known = cases.load_cases(ctx.conn)
    rows = []
    for case_id in [*after, *(c for c in before if c not in after)]:
        case = known.get(case_id)
        why = proposal.dropped.get(case_id) or proposal.added.get(case_id)
        rows.append(
            (
                case_id,
                case.borrower.name if case else "",
                before.get(case_id, "-"),
                after.get(case_id, "-"),
                render(why) if why else "",
            )
        )
    say(table(rows, (_("Case"), _("Name"), _("Before"), _("Now"), _("Why"))))
    say(_("Back at {time}.", time=clock_time(proposal.itinerary.return_at)))


def _facts(old: Itinerary, proposal: Replan, *, kept: bool) -> dict[str, object]:
    return {
        "itinerary_id": old.itinerary_id,
        "base_version": old.version,
        "before": _order(old),
        "after": _order(proposal.itinerary),
        "dropped": {case_id: both(why) for case_id, why in proposal.dropped.items()},
        "added": {case_id: both(why) for case_id, why in proposal.added.items()},
        "return_at": proposal.itinerary.return_at.isoformat(),
        "stops": [to_builtins(stop) for stop in proposal.itinerary.stops],
        "kept": kept,
    }
