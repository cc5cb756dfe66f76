"""`fieldsync map`: the day as a page, and as files for other programs that tell less than the device knows."""

import json
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree as ET

import icalendar
import pytest

from fieldsync.errors import NotFoundError
from tests.agent_cli.made_up import NAMES, Device, make_itinerary

_GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files without a folder land in an empty one."""
    monkeypatch.chdir(tmp_path)


def test_the_day_is_a_page_in_both_languages(device: Device, tmp_path: Path) -> None:
    """Without options a page named after the day, every stop on both sheets; nothing from outside."""
    done = device.run("map")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "fieldsync-2026-11-24.html").read_text(encoding="utf-8")
    assert "personal data" in done.stderr
    stops = make_itinerary().stops
    for tag in ("en", "zh-CN"):
        sheet = text.split(f'<main lang="{tag}">')[1].split("</main>")[0]
        assert sheet.count('class="stop') == len(stops)
    assert not any(word in text for word in ("<script", "http:", "https:", "src="))


def test_exports_are_what_other_programs_read(device: Device) -> None:
    """GeoJSON, GPX and iCalendar hold every stop in order at its place and time."""
    done = device.run("map", "--geojson", "d.json", "--gpx", "d.gpx", "--ics", "d.ics")
    assert done.exit_code == 0, done.output
    stops = make_itinerary().stops
    features = json.loads(Path("d.json").read_text("utf-8"))["features"]
    found = [f for f in features if f["properties"]["role"] == "stop"]
    assert [f["properties"]["case_id"] for f in found] == [s.case_id for s in stops]
    assert found[0]["geometry"]["coordinates"] == pytest.approx(
        [stops[0].point.lon, stops[0].point.lat]
    )
    assert len(features[-1]["geometry"]["coordinates"]) == len(stops) + 2
    points = ET.fromstring(Path("d.gpx").read_text("utf-8")).findall(f"{_GPX}rte/{_GPX}rtept")  # noqa: S314 - our own file
    assert len(points) == len(stops) + 2
    assert [child.tag for child in points[1]] == [f"{_GPX}time", f"{_GPX}name"]
    raw = Path("d.ics").read_bytes()
    assert b"\r\n" in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert [e.decoded("dtstart") for e in events] == [s.start.astimezone(UTC) for s in stops]
    assert len({str(e["uid"]) for e in events}) == len(stops)


def test_what_leaves_the_device_names_nobody(device: Device) -> None:
    """No borrower's name, no address and no amount in a file for a satnav or a calendar."""
    device.run("map", "--geojson", "d.json", "--gpx", "d.gpx", "--ics", "d.ics")
    for name in ("d.json", "d.gpx", "d.ics"):
        text = Path(name).read_text("utf-8")
        assert not any(told in text for told in (*NAMES, "路", "CNY"))


def test_a_day_without_a_plan_names_the_days_that_have_one(device: Device) -> None:
    """The number of the problem, and where to look; nothing is written."""
    done = device.run("map", "--date", "2026-12-24", "--out", "day.html")
    assert isinstance(done.exception, NotFoundError)
    assert done.exception.code == "404.582"
    assert "2026-11-24" in str(done.exception.hint)
    assert not Path("day.html").exists()
