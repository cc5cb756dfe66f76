"""A day for other programs: GeoJSON (RFC 7946), GPX 1.1 and iCalendar (RFC 5545).

Such files leave the protection of this device, so they hold numbers, times, places and case ids, and
neither names, addresses nor amounts.
"""

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.domain.place import Point
from fieldsync.locale import render
from fieldsync.words import words

_GPX = "http://www.topografix.com/GPX/1/1"
_PRODUCT = "-//Fieldsync//Fieldsync//EN"


def geojson(itinerary: Itinerary) -> str:
    """Start, stops in order, end, and the line through them; coordinates are WGS-84, longitude first."""
    stops = [
        _feature(_place(stop.point), **_facts(number, stop))
        for number, stop in enumerate(itinerary.stops, 1)
    ]
    line = [itinerary.start, *(stop.point for stop in itinerary.stops), itinerary.end]
    features = [
        _feature(_place(itinerary.start), role="start"),
        *stops,
        _feature(_place(itinerary.end), role="end"),
        _feature(
            {"type": "LineString", "coordinates": [_longitude_first(p) for p in line]}, role="route"
        ),
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1) + "\n"


def gpx(itinerary: Itinerary) -> str:
    """One route with a point a stop, its number and time as the name."""
    root = ET.Element("gpx", {"version": "1.1", "creator": "Fieldsync", "xmlns": _GPX})
    route = ET.SubElement(root, "rte")
    ET.SubElement(route, "name").text = f"{itinerary.pair_id} {itinerary.day.isoformat()}"
    _point(route, itinerary.start, f"{itinerary.pair_id} >", None)
    for number, stop in enumerate(itinerary.stops, 1):
        _point(route, stop.point, f"{number} {stop.start:%H:%M} {stop.case_id}", stop.start)
    _point(route, itinerary.end, f"{itinerary.pair_id} <", None)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def icalendar(itinerary: Itinerary, at: datetime, language: str) -> bytes:
    """An entry a visit, in UTC; the same visit keeps its UID, so that importing again moves it."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    for number, stop in enumerate(itinerary.stops, 1):
        event = Event()
        event.add("uid", f"{itinerary.itinerary_id}.{stop.case_id}@fieldsync")
        event.add("dtstamp", at.astimezone(UTC))
        event.add("sequence", itinerary.version)
        event.add("dtstart", stop.start.astimezone(UTC))
        event.add("dtend", stop.leave.astimezone(UTC))
        event.add("summary", _summary(number, stop, language))
        event.add("geo", (stop.point.lat, stop.point.lon))
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _summary(number: int, stop: Stop, language: str) -> str:
    if stop.is_appointment:
        return render(
            words("{number}. Appointment {case_id}", number=number, case_id=stop.case_id), language
        )
    return render(words("{number}. Visit {case_id}", number=number, case_id=stop.case_id), language)


def _facts(number: int, stop: Stop) -> dict[str, Any]:
    return {
        "role": "stop",
        "number": number,
        "case_id": stop.case_id,
        "arrive": stop.arrive.isoformat(),
        "start": stop.start.isoformat(),
        "leave": stop.leave.isoformat(),
        "appointment": stop.is_appointment,
    }


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _place(point: Point) -> dict[str, Any]:
    return {"type": "Point", "coordinates": _longitude_first(point)}


def _longitude_first(point: Point) -> list[float]:
    return [round(point.lon, 6), round(point.lat, 6)]


def _point(route: ET.Element, point: Point, name: str, at: datetime | None) -> None:
    """A route point; the schema wants `time` before `name`."""
    place = {"lat": f"{point.lat:.6f}", "lon": f"{point.lon:.6f}"}
    element = ET.SubElement(route, "rtept", place)
    if at is not None:
        ET.SubElement(element, "time").text = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    ET.SubElement(element, "name").text = name
