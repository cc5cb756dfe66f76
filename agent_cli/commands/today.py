"""`fieldsync today`: the day's stops, as they stand now."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from agent_cli.actions.day import DayView, StopState, StopView, planned_days, view_day
from agent_cli.addresses_shown import shared_area
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.day_besides import besides_facts, say_besides
from agent_cli.decisions_shown import decision_line, recent
from agent_cli.holds_shown import hold_line
from agent_cli.shown import clock_time, day_name, mark_training
from agent_cli.store.decisions import decisions
from fieldsync.locale import _, render
from fieldsync.locale.day_names import ADDRESS_KINDS, OUTCOMES
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say, say_json, table
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words

# The column of the address: the officer needs the building's number more than anything else.
_ADDRESS = 6
_STATES = {
    StopState.PLANNED: words("to visit"),
    StopState.ON_HOLD: words("on hold"),
    StopState.RUNNING: words("visit under way"),
    StopState.DONE: words("done"),
}


@click.command(
    cls=ExampleCommand,
    help=_("Show the day's stops with time, place and state."),
    examples=("fieldsync today", "fieldsync today --date 2026-11-25 --map day.html"),
)
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help=_("Another day than today."))
@click.option("--map", "map_file", metavar="FILE", help=_("Also write a map as an HTML page."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(options: Options, day_text: str | None, map_file: str | None, *, as_json: bool) -> None:
    """Show a day."""
    with open_device(options) as ctx:
        day = ctx.clock.now().date() if day_text is None else typed_day(day_text)
        view = view_day(ctx, day)
        mark_training(ctx)
        if as_json:
            say_json(_facts(ctx, day, view))
        elif view is None:
            _say_nothing_planned(ctx, day)
        else:
            _say(ctx, view)
        if not as_json:
            say_besides(ctx)
            for decision in recent(decisions(ctx.conn), ctx.clock.now()):
                note(decision_line(decision))
        if map_file is not None and view is not None:
            _write_map(ctx, day, Path(map_file))


def _say(ctx: DeviceContext, view: DayView) -> None:
    itinerary = view.itinerary
    say(
        _(
            "{day}: {officers}, {count} stops, back at {time}",
            day=day_name(date.fromisoformat(itinerary["day"])),
            officers=listed(officer["name"] for officer in itinerary["officers"]),
            count=len(view.stops),
            time=_time(itinerary["return_at"]),
        )
    )
    if view.revised:
        say(_revised(view))
    head = ("#", _("Time"), _("Window"), _("Case"), _("Name"), _("Place"), _("Address"), _("State"))
    area = shared_area([stop.address["text"] for stop in view.stops if stop.address])
    if area:
        say(_("Every address is in {area}.", area=area))
    say(table([_row(stop, area) for stop in view.stops], head, last=_ADDRESS))
    if itinerary.get("lunch"):
        lunch = itinerary["lunch"]
        say(_("Lunch {begin}-{end}", begin=_time(lunch["start"]), end=_time(lunch["end"])))
    if itinerary.get("struck"):
        off = listed(itinerary["struck"])
        say(_("Taken off the route, since collection has stopped: {cases}.", cases=off))
    _say_next(ctx, view)


def _revised(view: DayView) -> str:
    """Who put the day into this order, and when."""
    time = _time(view.revised_at) if view.revised_at else ""
    if view.revised_by:
        return _("Re-planned by {name} at {time}.", name=view.revised_by, time=time)
    return _("Re-planned on this device.")


def _row(view: StopView, area: str) -> tuple[str, ...]:
    stop = view.stop
    windows = ", ".join(f"{_time(w['start'])}-{_time(w['end'])}" for w in stop["windows"])
    return (
        str(view.number),
        _time(stop["start"]),
        _("appointment {time}", time=windows) if stop["is_appointment"] else windows,
        stop["case_id"],
        view.case["borrower"]["name"] if view.case else _("no longer on this device"),
        render(ADDRESS_KINDS[view.address["kind"]]) if view.address else "",
        view.address["text"].removeprefix(area) if view.address else "",
        _state(view),
    )


def _state(view: StopView) -> str:
    """Where a stop stands, with the reason or the result."""
    stopped = ""
    if view.hold is not None:
        until = view.hold["until"]
        stopped = hold_line(view.hold["kind"], datetime.fromisoformat(until) if until else None)
    if view.state is StopState.DONE and view.visit is not None:
        line = _("done: {outcome}", outcome=OUTCOMES[view.visit["outcome"]])
        return f"{line}; {stopped}" if stopped else line
    return stopped if view.state is StopState.ON_HOLD else render(_STATES[view.state])


def _time(instant: str) -> str:
    return clock_time(datetime.fromisoformat(instant))


def _say_next(ctx: DeviceContext, view: DayView) -> None:
    following = view.next_stop
    if following is None:
        note(_("Every stop is done or on hold. Next: `fieldsync sync`."))
        return
    case_id = following.stop["case_id"]
    if following.visit is not None:
        note(_("Next: `fieldsync visit finish {case_id}`.", case_id=case_id))
        return
    pair = [officer["officer_id"] for officer in view.itinerary["officers"]]
    partner = next((who for who in pair if who != ctx.identity.officer_id), "ID")
    note(
        _(
            "Next: `fieldsync visit start {case_id} --with {officer}`.",
            case_id=case_id,
            officer=partner,
        )
    )


def _say_nothing_planned(ctx: DeviceContext, day: date) -> None:
    say(_("Nothing is planned for {day}.", day=day_name(day)))
    days = planned_days(ctx)
    if days:
        note(_("Planned: {days}.", days=listed(days)))
    else:
        note(_("Next: `fieldsync sync`."))


def _facts(ctx: DeviceContext, day: date, view: DayView | None) -> dict[str, object]:
    itinerary: Mapping[str, Any] = view.itinerary if view else {}
    return {
        "date": day.isoformat(),
        "training": ctx.identity.training,
        "itinerary_id": itinerary.get("itinerary_id"),
        "version": itinerary.get("version"),
        "revised": bool(view and view.revised),
        "revised_by": (view.revised_by if view else "") or None,
        "revised_at": (view.revised_at if view else "") or None,
        "officers": [officer["officer_id"] for officer in itinerary.get("officers", ())],
        "return_at": itinerary.get("return_at"),
        "struck": list(itinerary.get("struck", ())),
        "decisions": recent(decisions(ctx.conn), ctx.clock.now()),
        "stops": [_stop_facts(stop) for stop in view.stops] if view else [],
        **besides_facts(ctx),
    }


def _stop_facts(view: StopView) -> dict[str, object]:
    stop = view.stop
    return {
        "number": view.number,
        "case_id": stop["case_id"],
        "name": view.case["borrower"]["name"] if view.case else None,
        "address_id": stop["address_id"],
        "address": view.address["text"] if view.address else None,
        "kind": view.address["kind"] if view.address else None,
        "lat": stop["point"]["lat"],
        "lon": stop["point"]["lon"],
        "arrive": stop["arrive"],
        "start": stop["start"],
        "leave": stop["leave"],
        "windows": stop["windows"],
        "appointment": stop["is_appointment"],
        "state": view.state.value,
        "hold": view.hold["kind"] if view.hold else None,
        "outcome": view.visit["outcome"] if view.visit else None,
        "why": stop["why"],
    }


def _write_map(ctx: DeviceContext, day: date, path: Path) -> None:
    # The page's drawing takes longer to import than the list to show.
    from agent_cli.day_page import day_page
    from agent_cli.store import itineraries

    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        return
    path.write_text(day_page(ctx, itinerary), encoding="utf-8")
    note(_("The map is in {path}.", path=str(path)))
