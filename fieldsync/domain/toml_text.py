"""Reads TOML that somebody else wrote: whatever is wrong with it is one kind of error."""

import tomllib
from typing import Any


def read_toml(text: str) -> dict[str, Any]:
    """The document; ValueError where it is none, nests without end or has a number of thousands of digits."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it nests too deeply") from error
