"""`fieldsync map`: the day as a page to look at or print, and as files for other programs."""

import sys
from datetime import date
from pathlib import Path

import click

from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.day_page import day_page
from agent_cli.shown import day_name, mark_training
from agent_cli.store import itineraries
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Datum
from fieldsync.errors import NotFoundError
from fieldsync.locale import _, language
from fieldsync.terminal.basemap import Basemap
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say
from fieldsync.terminal.route_exports import geojson, gpx, icalendar
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    help=_(
        "Draw the day as a web page that needs no network, in the order in force, to look at or"
        " print; or write it for a map program, a satnav or a calendar. Those files hold case ids,"
        " times and places, and neither names, addresses nor amounts."
    ),
    examples=(
        "fieldsync map",
        "fieldsync map --date 2026-11-25 --out tomorrow.html --no-open",
        "fieldsync map --gpx day.gpx --ics day.ics",
        "fieldsync map --basemap shenzhen.pmtiles",
    ),
)
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help=_("Another day than today."))
@click.option("--out", type=_FILE, metavar="FILE", help=_("Where to write the page."))
@click.option("--geojson", "geojson_file", type=_FILE, metavar="FILE", help=_("Write GeoJSON."))
@click.option("--gpx", "gpx_file", type=_FILE, metavar="FILE", help=_("Write a GPX route."))
@click.option("--ics", "ics_file", type=_FILE, metavar="FILE", help=_("Write calendar entries."))
@click.option(
    "--basemap",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE.pmtiles",
    help=_("Draw the route on this map (a PMTiles file with raster tiles)."),
)
@click.option(
    "--basemap-datum",
    type=click.Choice([datum.value for datum in Datum], case_sensitive=False),
    default=Datum.WGS84.value,
    show_default=True,
    help=_("What the map is drawn in; Chinese maps: GCJ-02."),
)
@click.option("--no-open", is_flag=True, help=_("Do not open the page in the browser."))
@click.pass_obj
def command(  # noqa: PLR0913 - one argument an option
    options: Options,
    *,
    day_text: str | None,
    out: Path | None,
    geojson_file: Path | None,
    gpx_file: Path | None,
    ics_file: Path | None,
    basemap: Path | None,
    basemap_datum: str,
    no_open: bool,
) -> None:
    """Write what was asked for; without a format the page."""
    with open_device(options) as ctx:
        mark_training(ctx)
        day = ctx.clock.now().date() if day_text is None else typed_day(day_text)
        itinerary = _planned(ctx, day)
        written: list[Path] = []
        if geojson_file is not None:
            geojson_file.write_text(geojson(itinerary), encoding="utf-8")
            written.append(geojson_file)
        if gpx_file is not None:
            gpx_file.write_text(gpx(itinerary), encoding="utf-8")
            written.append(gpx_file)
        if ics_file is not None:
            ics_file.write_bytes(icalendar(itinerary, ctx.clock.now(), language()))
            written.append(ics_file)
        if out is not None or not written:
            page = out or Path(f"fieldsync-{day.isoformat()}.html")
            ground = Basemap.read(basemap, Datum(basemap_datum)) if basemap else None
            page.write_text(day_page(ctx, itinerary, ground), encoding="utf-8")
            written.append(page)
            note(_("The page holds personal data: delete it when the day is over."))
            if not no_open and sys.stdout.isatty():
                click.launch(str(page.resolve()))
    say(_("Written: {files}.", files=listed(map(str, written))))


def _planned(ctx: DeviceContext, day: date) -> Itinerary:
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        planned = [d.isoformat() for d in itineraries.days(ctx.conn)]
        raise NotFoundError(
            "404.582",
            words("Nothing is planned for {day}.", day=day_name(day)),
            words("Planned: {days}.", days=", ".join(planned) or "-"),
        )
    return itinerary
