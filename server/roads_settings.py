"""The section [roads] of the settings: where road travel times come from, and how long a plan waits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from fieldsync.errors import InputError
from fieldsync.words import words

URL_VARIABLE = "FIELDSYNC_ROADS_URL"


@dataclass(frozen=True, slots=True)
class RoadSettings:
    """A Valhalla server's address, or tiles on this machine; neither means estimates.

    `timeout_s` is for one question, `limit_s` for all of a plan's; `max_pairs` is the server's own
    `max_matrix_location_pairs`.
    """

    url: str = ""
    tiles: str = ""
    timeout_s: int = 20
    limit_s: int = 60
    max_pairs: int = 2500

    @property
    def is_set(self) -> bool:
        """Whether roads are asked at all."""
        return bool(self.url or self.tiles)


def read_roads(section: object, path: Path) -> RoadSettings:
    """The settings in the section; InputError 422.604 naming the setting that is wrong.

    The environment's address goes before the file's: it may hold a password.
    """
    if not isinstance(section, Mapping):
        raise _wrong("roads", path)
    known = {field.name: field for field in fields(RoadSettings)}
    for name, value in section.items():
        if name not in known or type(value) is not known[name].type:
            raise _wrong(f"roads.{name}", path)
        if isinstance(value, int) and value < 1:
            raise _wrong(f"roads.{name}", path)
    said = os.environ.get(URL_VARIABLE)
    return RoadSettings(**{**section, **({"url": said} if said else {})})


def _wrong(name: str, path: Path) -> InputError:
    return InputError(
        "422.604",
        words("The setting {name} in {path} cannot be read.", name=name, path=str(path)),
        words("docs/how-to/road-travel-times.md says what it takes."),
    )
