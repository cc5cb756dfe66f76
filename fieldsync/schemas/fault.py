"""What is wrong with a cell, a row or a book, in words, with what to do and a numbered code."""

from dataclasses import dataclass

from fieldsync.words import Words, words

_SHOWN_CHARACTERS = 24
# Columns whose values are personal beyond need: a report shows only how they begin.
_PRIVATE = {"id_number": 6, "phones": 3, "number": 3}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: what, what to do, and its code in docs/reference/problems."""

    code: str
    message: Words
    hint: Words


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault where it was found. `row` counts as a spreadsheet does, the header being row 1.

    `value` is the cell as it stood, shortened; `column` is empty where the whole row is meant.
    """

    file: str
    sheet: str | None
    row: int
    column: str
    value: str
    fault: Fault


class CellError(ValueError):
    """Raised by the readers of single cells; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def shortened(column: str, value: str) -> str:
    """The value as a report may show it: short, private ones shorter, on one line and harmless."""
    limit = _PRIVATE.get(column, _SHOWN_CHARACTERS)
    value = printable(value)
    return value if len(value) <= limit else value[:limit] + "…"


def printable(value: str) -> str:
    """The text with spaces for line breaks and control characters, which could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in value)


MISSING = Fault(
    "422.101", words("This cell is empty, and the column is needed."), words("Fill it in.")
)
TOO_MANY_CELLS = Fault(
    "422.119",
    words("The row has more cells than the header."),
    words("Put quotes around cells that hold the separator, or remove the extra cells."),
)


def unknown_word(value: str, known: str) -> Fault:
    """A code that is none of the known ones."""
    return Fault(
        "422.113",
        words("{value} is not a known word here.", value=shortened("", value)),
        words("Use one of: {known}; or translate it in the mapping file.", known=known),
    )
