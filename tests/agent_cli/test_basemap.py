"""A route on a map from a file: pictures inside the page, in their right places; other files are refused."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from fieldsync.domain.datum import from_wgs84
from fieldsync.domain.place import Datum, Point
from fieldsync.errors import InputError
from fieldsync.terminal.basemap import Basemap, Bounds
from tests.agent_cli.made_up import Device

_ZOOM = 10
# Tiles around Shenzhen at that zoom.
_X, _Y = range(833, 838), range(445, 450)


def _file(path: Path, kind: TileType = TileType.PNG) -> Path:
    """A map of a few tiles, all of one colour."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "#dde6dd").save(picture, "PNG")
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for number in sorted(zxy_to_tileid(_ZOOM, x, y) for x in _X for y in _Y):
            writer.write_tile(number, picture.getvalue())
        header = {
            "tile_type": kind,
            "tile_compression": Compression.NONE,
            "min_lon_e7": 1_128_000_000, "min_lat_e7": 220_000_000,
            "max_lon_e7": 1_148_000_000, "max_lat_e7": 232_000_000,
            "center_zoom": _ZOOM, "center_lon_e7": 1_139_000_000, "center_lat_e7": 225_000_000,
        }  # fmt: skip
        writer.finalize(header, {})
    return path


def test_tiles_lie_under_the_route(device: Device, tmp_path: Path) -> None:
    """The page holds the pictures themselves, below the legs, and asks nobody for anything."""
    page = tmp_path / "day.html"
    done = device.run("map", "--out", str(page), "--basemap", str(_file(tmp_path / "town.pmtiles")))
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert "data:image/png;base64," in text
    assert text.index("<image") < text.index('class="leg"')
    assert not re.search(r"https?:|<script", text)


def test_neighbours_meet_at_their_corners(tmp_path: Path) -> None:
    """The tiles cover what was asked for, and where one ends the next begins."""
    ground = Basemap.read(_file(tmp_path / "town.pmtiles"))
    asked = Bounds(113.6, 22.4, 114.1, 22.7)
    tiles = ground.under(asked)
    assert min(t.north_west.lon for t in tiles) <= asked.west
    assert max(t.south_east.lon for t in tiles) >= asked.east
    assert max(t.north_west.lat for t in tiles) >= asked.north
    assert min(t.south_east.lat for t in tiles) <= asked.south
    corners = {(round(t.south_east.lat, 9), round(t.south_east.lon, 9)) for t in tiles}
    inner = [
        t for t in tiles if (round(t.north_west.lat, 9), round(t.north_west.lon, 9)) in corners
    ]
    assert inner


def test_a_chinese_map_is_moved_back_to_where_it_is(tmp_path: Path) -> None:
    """A map drawn in GCJ-02 lies some hundred metres off until its corners are converted."""
    path = _file(tmp_path / "town.pmtiles")
    asked = Bounds(113.85, 22.5, 113.95, 22.6)
    plain = Basemap.read(path).under(asked)[0].north_west
    moved = Basemap.read(path, Datum.GCJ02).under(asked)[0].north_west
    again = from_wgs84(Point(moved.lat, moved.lon), Datum.GCJ02)
    assert 0.001 < abs(moved.lon - plain.lon) < 0.01
    assert again.lat == pytest.approx(plain.lat, abs=1e-5)
    assert again.lon == pytest.approx(plain.lon, abs=1e-5)


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    """No map at all, and a map whose tiles are no pictures."""
    text = tmp_path / "notes.pmtiles"
    text.write_text("not a map", encoding="utf-8")
    for path, code in (
        (text, "600.70"),
        (_file(tmp_path / "vector.pmtiles", TileType.MVT), "600.71"),
    ):
        with pytest.raises(InputError) as caught:
            Basemap.read(path)
        assert caught.value.code == code
        assert path.name in str(caught.value.message)
