"""Lays a map from a PMTiles file under a drawn route: tiles as pictures inside the page, no request.

Raster tiles only (PNG, JPEG, WebP, AVIF): to draw vector tiles takes a map program.
"""

import base64
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from fieldsync.domain.datum import to_wgs84
from fieldsync.domain.place import Datum, Point
from fieldsync.errors import InputError
from fieldsync.words import Words, words

# A page of so many tiles still opens at once on a laptop of the field.
_MOST_TILES = 30
_DEEPEST = 19
# How far web Mercator reaches to the poles.
_FARTHEST_LAT = 85.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """A piece of the earth in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture, and the WGS-84 places of its north-west and south-east corners."""

    north_west: Point
    south_east: Point
    picture: str


class Basemap:
    """The tiles of one file; `datum` is what the map itself was drawn in (Chinese ones: GCJ-02)."""

    def __init__(self, reader: Any, media_type: str, deepest: int, datum: Datum) -> None:
        self._reader, self._type = reader, media_type
        self._deepest, self._datum = min(deepest, _DEEPEST), datum

    @classmethod
    def read(cls, path: Path, datum: Datum = Datum.WGS84) -> Self:
        """The file's map; InputError 600.70 where it is none, 600.71 where its tiles are no pictures."""
        from pmtiles.reader import MemorySource, Reader
        from pmtiles.tile import TileType

        content = path.read_bytes()
        reader = Reader(MemorySource(content))  # type: ignore[no-untyped-call]
        try:
            header = reader.header()  # type: ignore[no-untyped-call]
        except Exception as error:
            raise _no_map(path) from error
        pictures = {
            TileType.PNG: "image/png",
            TileType.JPEG: "image/jpeg",
            TileType.WEBP: "image/webp",
            TileType.AVIF: "image/avif",
        }
        media_type = pictures.get(header["tile_type"])
        if media_type is None:
            raise InputError(
                "600.71",
                words("The tiles of {path} are no pictures.", path=str(path)),
                words("Give a PMTiles file with raster tiles: PNG, JPEG, WebP or AVIF."),
            )
        return cls(reader, media_type, header["max_zoom"], datum)

    def under(self, bounds: Bounds) -> list[Tile]:
        """The tiles that cover a piece of the earth, as deep as the page bears."""
        for zoom in range(self._deepest, -1, -1):
            numbers = list(_numbers(bounds, zoom, _MOST_TILES))
            if len(numbers) <= _MOST_TILES:
                found = [self._tile(zoom, x, y) for x, y in numbers]
                return [tile for tile in found if tile is not None]
        return []

    def _tile(self, zoom: int, x: int, y: int) -> Tile | None:
        try:
            picture = self._reader.get(zoom, x, y)
        except Exception as error:
            raise InputError(
                "600.70",
                words("The map file is damaged."),
                words("Get the PMTiles file again, or leave --basemap out."),
            ) from error
        if picture is None:
            return None
        encoded = base64.b64encode(picture).decode("ascii")
        return Tile(
            to_wgs84(_corner(zoom, x, y), self._datum),
            to_wgs84(_corner(zoom, x + 1, y + 1), self._datum),
            f"data:{self._type};base64,{encoded}",
        )


def tiles_svg(
    basemap: Basemap, bounds: Bounds, at: Callable[[Point], tuple[float, float]]
) -> Iterator[str]:
    """The tiles as SVG images, each between where its corners lie on the sheet."""
    for tile in basemap.under(bounds):
        (left, top), (right, bottom) = at(tile.north_west), at(tile.south_east)
        yield (
            f'<image x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" '
            f'height="{bottom - top:.2f}" preserveAspectRatio="none" href="{tile.picture}"/>'
        )


def _no_map(path: Path) -> InputError:
    missing: Words = words("{path} is no PMTiles file.", path=str(path))
    return InputError("600.70", missing, words("Give a file that ends in .pmtiles, version 3."))


def _numbers(bounds: Bounds, zoom: int, most: int) -> Iterator[tuple[int, int]]:
    """The tiles over the bounds at a zoom; one more than `most` where there are more."""
    left, top = _place(bounds.west, bounds.north, zoom)
    right, bottom = _place(bounds.east, bounds.south, zoom)
    if (right - left + 1) * (bottom - top + 1) > most:
        yield from ((left, top) for _ in range(most + 1))
        return
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            yield x, y


def _place(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The tile over a place (web Mercator, as every tiled map numbers them)."""
    size = 1 << zoom
    bent = math.asinh(math.tan(math.radians(max(-_FARTHEST_LAT, min(_FARTHEST_LAT, lat)))))
    x, y = (lon + 180) / 360 * size, (1 - bent / math.pi) / 2 * size
    return min(size - 1, max(0, int(x))), min(size - 1, max(0, int(y)))


def _corner(zoom: int, x: int, y: int) -> Point:
    """The north-west corner of a tile."""
    size = 1 << zoom
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / size))))
    return Point(lat, x / size * 360 - 180)
