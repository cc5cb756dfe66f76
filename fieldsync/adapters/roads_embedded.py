"""Valhalla inside this process (pyvalhalla, Python 3.12 and newer), reading tiles of a map from disk."""

import json
from pathlib import Path
from typing import Any

from fieldsync.adapters.roads_valhalla import RoadRefusedError, unreadable
from fieldsync.errors import InputError, UnreachableError
from fieldsync.words import words

# In here nobody else waits, so a question may be as large as memory likes.
_LARGEST = 200 * 200
_NO_LIMIT = 10**9
_MODES = ("auto", "bicycle", "pedestrian")
# The engine raises its reason as a sentence; this is the one that an answer is cut in two for.
_UNCONNECTED = 170


class ValhallaTiles:
    """The RoadEngine of a folder of tiles, or of a `.tar` of them."""

    largest = _LARGEST

    def __init__(self, tiles: Path) -> None:
        """InputError 422.602 where pyvalhalla is not installed, 422.603 where there are no tiles."""
        try:
            from valhalla import Actor
            from valhalla.config import get_config
        except ImportError as error:
            raise InputError(
                "422.602",
                words(
                    "Road travel times from a map on this machine need a package that is not here."
                ),
                words("Install fieldsync[roads] with Python 3.12 or newer, or set `url` instead."),
            ) from error
        is_folder = tiles.is_dir()
        try:
            config = get_config(
                tile_extract="" if is_folder else tiles, tile_dir=tiles if is_folder else ""
            )
            for mode in _MODES:
                config["service_limits"][mode]["max_matrix_location_pairs"] = _NO_LIMIT
            self._actor = Actor(config)
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(
                "422.603",
                words("There are no road tiles in {path}.", path=str(tiles)),
                words("Build them with `valhalla_build_tiles`, and name their folder in `tiles`."),
            ) from error

    def ask(self, action: str, question: dict[str, object]) -> Any:
        """The answer of the engine."""
        name = "matrix" if action == "sources_to_targets" else action
        try:
            said = getattr(self._actor, name)(json.dumps(question))
        except RuntimeError as error:
            if "unconnected" in str(error) or "No suitable edges" in str(error):
                raise RoadRefusedError(_UNCONNECTED) from error
            raise UnreachableError(
                "502.13", words("The road engine failed: {reason}", reason=str(error)[:200])
            ) from error
        try:
            return json.loads(said)
        except ValueError as error:
            raise unreadable() from error
