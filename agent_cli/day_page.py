"""Draws a day of this device as a web page, with the names and addresses that are on it."""

from agent_cli.actions.day import view_day
from agent_cli.context import DeviceContext
from fieldsync.domain.itinerary import Itinerary
from fieldsync.locale import language
from fieldsync.terminal.basemap import Basemap
from fieldsync.terminal.route_map import map_html


def day_page(ctx: DeviceContext, itinerary: Itinerary, basemap: Basemap | None = None) -> str:
    """The page of the itinerary, which is the day's in the order in force, on a map where there is one."""
    view = view_day(ctx, itinerary.day)
    stops = view.stops if view else ()
    names = {s.stop["case_id"]: s.case["borrower"]["name"] for s in stops if s.case}
    texts = {s.stop["case_id"]: s.address["text"] for s in stops if s.address}
    return map_html(itinerary, names, language(), texts, basemap)
