"""Domain values to JSON and back, for rows that are our own (msgspec checks every type on the way in).

Outside data enters through `fieldsync.schemas`; this is for what we wrote ourselves: feed bodies,
database rows, operation payloads after their schema accepted them.
"""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_builtins(value: object) -> Any:
    """A JSON-ready structure: dataclasses become objects, sets lists, datetimes RFC 3339 text."""
    return msgspec.to_builtins(value, order="deterministic")


def from_builtins(data: object, kind: type[T]) -> T:
    """The reverse of `to_builtins`; msgspec.ValidationError names the path of what does not fit."""
    return msgspec.convert(data, kind, strict=False)


def to_json(value: object) -> str:
    """Compact JSON text with sorted keys, the same for the same value on every machine."""
    return msgspec.json.encode(value, order="sorted").decode()


def to_json_bytes(value: object) -> bytes:
    """The same in UTF-8, fields in the order they stand: for answers, where speed counts."""
    return msgspec.json.encode(value)


def from_json(text: str | bytes, kind: type[T]) -> T:
    """Read what `to_json` wrote."""
    return msgspec.json.decode(text, type=kind)
