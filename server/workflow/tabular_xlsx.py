"""Reads XLSX workbooks sheet by sheet, after asking how much would come out of the archive."""

import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from fieldsync.errors import InputError
from fieldsync.words import Words, words

# A directory that tells of offsets before the file, of versions to come or of strange letters makes the
# library stumble in other ways than it names.
_NO_ARCHIVE = (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error)
# An unpacked sheet of 100,000 rows with 27 columns takes about 150 MB of XML.
_MOST_UNPACKED_BYTES = 400 * 1024 * 1024
_MOST_COLUMNS = 300
_EXPORT_AGAIN = words("Export it again, or save it as CSV in UTF-8.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its header, how many rows follow, and the rows, read anew at each call."""

    name: str
    header: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def open_xlsx(path: Path) -> list[Sheet]:
    """The sheets of a workbook; InputError 400.10, 400.14 or 400.17 where it is none, huge or damaged."""
    _measure(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        return [_sheet(path, workbook.get_sheet_by_name(name)) for name in workbook.sheet_names]
    except PasswordError as error:
        raise _refused(
            "400.17", words("{file} is locked with a password.", file=path.name)
        ) from error
    except (CalamineError, ValueError, OSError) as error:
        raise _refused("400.17", words("{file} is damaged.", file=path.name)) from error


def _measure(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _NO_ARCHIVE as error:
        raise _refused("400.17", words("{file} is damaged.", file=path.name)) from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise _refused(
            "400.10", words("{file} is a {kind} file, not a table.", file=path.name, kind="ZIP")
        )
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED_BYTES:
        raise InputError(
            "400.14",
            words(
                "{file} would unpack to more than {limit} MB.",
                file=path.name,
                limit=_MOST_UNPACKED_BYTES >> 20,
            ),
            words("Split it, or save it as CSV in UTF-8."),
        )


def _sheet(path: Path, sheet: CalamineSheet) -> Sheet:
    if sheet.width > _MOST_COLUMNS:
        raise InputError(
            "400.14",
            words(
                "Sheet {sheet} of {file} has more than {limit} columns.",
                sheet=sheet.name,
                file=path.name,
                limit=_MOST_COLUMNS,
            ),
            words("Delete the columns beyond the table."),
        )

    def lines() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [_text(value) for value in row]
            if any(cells):
                yield number, cells

    def rows() -> Iterator[tuple[int, list[str]]]:
        reading = lines()
        next(reading, None)
        return reading

    _number, header = next(lines(), (0, []))
    return Sheet(sheet.name, tuple(header), max(0, sheet.height - 1), rows)


def _text(value: object) -> str:
    """A cell as a person sees it: whole numbers without .0, dates as 2026-11-24 10:30:00."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Excel keeps 15 digits; more would show how the binary fraction ends.
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _refused(code: str, message: Words) -> InputError:
    return InputError(code, message, _EXPORT_AGAIN)
