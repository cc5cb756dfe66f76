"""`fieldsync today`: the day's stops, as they stand now."""

from datetime import date
from pathlib import Path

import click

from agent_cli.actions.day import DayView, StopView, view_day
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.dates import typed_date
from agent_cli.shown import clock_time, day_name, mark_training, spans, stop_state
from agent_cli.store import itineraries
from fieldsync.domain.calendar import Window
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table


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
        day = ctx.clock.now().date() if day_text is None else typed_date(day_text)
        view = view_day(ctx, day)
        mark_training(ctx)
        if as_json:
            say_json(_facts(ctx, day, view))
        elif view is None:
            _say_nothing_planned(ctx, day)
        else:
            _say(ctx, view)
        if map_file is not None and view is not None:
            _write_map(view, Path(map_file))


def _say(ctx: DeviceContext, view: DayView) -> None:
    itinerary = view.itinerary
    say(
        _(
            "{day}: {officers}, {count} stops, back at {time}",
            day=day_name(itinerary.day),
            officers=", ".join(officer.name for officer in itinerary.officers),
            count=len(view.stops),
            time=clock_time(itinerary.return_at),
        )
    )
    if view.revised:
        say(_("Re-planned on this device."))
    head = ("#", _("Time"), _("Window"), _("Case"), _("Name"), _("Place"), _("Address"), _("State"))
    say(table([_row(stop) for stop in view.stops], head))
    _say_next(ctx, view)


def _row(view: StopView) -> tuple[str, ...]:
    case, stop = view.case, view.stop
    address = case.address(stop.address_id) if case else None
    windows = (
        _("appointment {time}", time=spans(stop.windows))
        if stop.is_appointment
        else spans(stop.windows)
    )
    return (
        str(view.number),
        clock_time(stop.start),
        windows,
        stop.case_id,
        case.borrower.name if case else _("no longer on this device"),
        render(name_of(address.kind)) if address else "",
        address.text if address else "",
        stop_state(view),
    )


def _say_next(ctx: DeviceContext, view: DayView) -> None:
    following = view.next_stop
    if following is None:
        note(_("Every stop is done or on hold. Next: `fieldsync sync`."))
    elif following.visit is not None:
        note(_("Next: `fieldsync visit finish {case_id}`.", case_id=following.stop.case_id))
    else:
        own = ctx.identity.officer.officer_id
        partner = next((o.officer_id for o in view.itinerary.officers if o.officer_id != own), "ID")
        note(
            _(
                "Next: `fieldsync visit start {case_id} --with {officer}`.",
                case_id=following.stop.case_id,
                officer=partner,
            )
        )


def _say_nothing_planned(ctx: DeviceContext, day: date) -> None:
    say(_("Nothing is planned for {day}.", day=day_name(day)))
    days = itineraries.days(ctx.conn)
    if days:
        note(_("Planned: {days}.", days=", ".join(d.isoformat() for d in days)))
    else:
        note(_("Next: `fieldsync sync`."))


def _facts(ctx: DeviceContext, day: date, view: DayView | None) -> dict[str, object]:
    facts: dict[str, object] = {
        "date": day.isoformat(),
        "training": ctx.identity.training,
        "itinerary_id": None,
        "version": None,
        "revised": False,
        "officers": [],
        "return_at": None,
        "stops": [],
    }
    if view is None:
        return facts
    itinerary = view.itinerary
    return facts | {
        "itinerary_id": itinerary.itinerary_id,
        "version": itinerary.version,
        "revised": view.revised,
        "officers": [officer.officer_id for officer in itinerary.officers],
        "return_at": itinerary.return_at.isoformat(),
        "stops": [_stop_facts(stop) for stop in view.stops],
    }


def _stop_facts(view: StopView) -> dict[str, object]:
    stop, case = view.stop, view.case
    address = case.address(stop.address_id) if case else None
    outcome = view.visit.outcome if view.visit else None
    return {
        "number": view.number,
        "case_id": stop.case_id,
        "name": case.borrower.name if case else None,
        "address_id": stop.address_id,
        "address": address.text if address else None,
        "kind": address.kind.value if address else None,
        "lat": stop.point.lat,
        "lon": stop.point.lon,
        "arrive": stop.arrive.isoformat(),
        "start": stop.start.isoformat(),
        "leave": stop.leave.isoformat(),
        "windows": [_window_facts(window) for window in stop.windows],
        "appointment": stop.is_appointment,
        "state": view.state.value,
        "hold": view.hold.kind.value if view.hold else None,
        "outcome": outcome.value if outcome else None,
        "why": dict(stop.why),
    }


def _window_facts(window: Window) -> dict[str, str]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def _write_map(view: DayView, path: Path) -> None:
    from fieldsync.terminal.route_map import map_html

    names = {stop.stop.case_id: stop.case.borrower.name for stop in view.stops if stop.case}
    path.write_text(map_html(view.itinerary, names, language()), encoding="utf-8")
    note(_("The map is in {path}.", path=str(path)))
