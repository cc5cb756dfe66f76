"""Opens a CSV or XLSX file as tables of text: a header, and rows that can be read again and again.

What comes out is text only: a cell that looks like a formula is data like any other. The apostrophe
that keeps such a cell harmless in a spreadsheet (`'=A1`) is taken off again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fieldsync.errors import InputError
from fieldsync.locale.system_reasons import reason_of
from fieldsync.schemas.spreadsheet import unguarded
from fieldsync.words import words
from server.workflow.tabular_csv import open_csv
from server.workflow.tabular_xlsx import open_xlsx

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# Openings of files that people send by mistake, and what they are.
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"\x1f\x8b": "GZIP",
}


@dataclass(frozen=True, slots=True)
class Tabular:
    """One table of a file. `rows()` starts anew each time and yields (row number, cells), header = 1."""

    path: Path
    sheet: str | None
    header: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def open_tables(path: Path) -> list[Tabular]:
    """Every table of a file that holds anything.

    InputError 400.10 if it is no table at all, 400.11 for its encoding, 400.12 if it is empty,
    400.14 if it is too big, 400.16 if it cannot be read, 400.17 if it is damaged.
    """
    opening = _opening(path)
    if opening.startswith(_ZIP):
        tables = [
            Tabular(path, sheet.name, sheet.header, sheet.count, _cleaned(sheet.rows))
            for sheet in open_xlsx(path)
        ]
    else:
        _refuse_others(path, opening)
        book = open_csv(path)
        tables = [Tabular(path, None, book.header, book.count, _cleaned(book.rows))]
    filled = [table for table in tables if any(cell.strip() for cell in table.header)]
    if not filled:
        raise InputError(
            "400.12",
            words("{file} is empty.", file=path.name),
            words("The first row must name the columns; the rows follow."),
        )
    return filled


def unreadable(path: Path, error: OSError) -> InputError:
    """What is said of a file that the system does not hand out."""
    return InputError(
        "400.16",
        words("{file} cannot be read: {reason}.", file=str(path), reason=reason_of(error)),
        words("Check the name and the permissions of the file."),
    )


def _cleaned(
    rows: Callable[[], Iterator[tuple[int, list[str]]]],
) -> Callable[[], Iterator[tuple[int, list[str]]]]:
    def read() -> Iterator[tuple[int, list[str]]]:
        for number, cells in rows():
            if any(cells):
                yield number, [unguarded(cell) for cell in cells]

    return read


def _opening(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise unreadable(path, error) from error


def _refuse_others(path: Path, opening: bytes) -> None:
    kind = next((name for start, name in _OTHERS.items() if opening.startswith(start)), None)
    if opening.startswith(_OLD_EXCEL):
        kind = "XLS"
    if kind:
        raise InputError(
            "400.10",
            words("{file} is a {kind} file, not a table.", file=path.name, kind=kind),
            words("Save the table as XLSX, or as CSV in UTF-8, and import that."),
        )
