"""The border of `rules check`: a question to the rules as JSON, read whole, every wrong field with its path."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from marshmallow import ValidationError

from fieldsync.schemas.fault import printable
from fieldsync.schemas.rule_fields import EXPECTED, MISSING, UNKNOWN, QuestionSchema
from fieldsync.words import Words, words

_SHOWN_CHARACTERS = 80
_MAP = "allowance."


@dataclass(frozen=True, slots=True)
class WrongField:
    """A place in the JSON, such as `history[2].at` (`$` is the whole), and what is wrong there."""

    path: str
    message: Words


def read_question(text: str) -> tuple[dict[str, Any] | None, tuple[WrongField, ...]]:
    """The checked fields of a question, or None with everything that is wrong, by path."""
    try:
        data = json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        told = words("This is not JSON: {problem}", problem=printable(str(error)))
        return None, (WrongField("$", told),)
    try:
        loaded: dict[str, Any] = QuestionSchema().load(data)
    except ValidationError as error:
        # marshmallow leaves this one method untyped
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        return None, tuple(_wrong(messages))
    return loaded, ()


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose fields each stand once: of two, nobody could say which one was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError("twice: " + ", ".join(sorted({n for n in names if names.count(n) > 1})))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _wrong(messages: Mapping[Any, Any], above: str = "") -> Iterable[WrongField]:
    for name, inner in messages.items():
        path = _path(above, name)
        if isinstance(inner, dict):
            yield from _wrong(inner, path)
        else:
            yield WrongField(path, _told(inner[0]))


def _path(above: str, name: object) -> str:
    # Of a map from names to values marshmallow tells which of the two is wrong; the place is the name.
    if name == "_schema" or (above.startswith(_MAP) and name in {"key", "value"}):
        return above or "$"
    if isinstance(name, int):
        return f"{above}[{name}]"
    shown = printable(str(name))[:_SHOWN_CHARACTERS]
    return f"{above}.{shown}" if above else shown


def _told(token: str) -> Words:
    if token == UNKNOWN:
        return words("There is no such field here; check its spelling.")
    if token == MISSING:
        return words("This field is needed.")
    return words("It should be {expected}.", expected=EXPECTED[token])
