"""Reads CSV files as banks write them: UTF-8 or GB18030, any usual separator, quotes where needed."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fieldsync.errors import InputError
from fieldsync.words import words

_SEPARATORS = ",;\t|，；"
_PIECE_CHARACTERS = 1 << 20
_ASCII_END = 0x80
# Ordinary Chinese in GB18030 uses the rows of GB 2312, where both bytes are high. Other text that
# happens to decode (Latin-1, say) shows stray pairs instead; a book with more of those is not Chinese.
_LEAST_CHINESE = 0.9


@dataclass(frozen=True, slots=True)
class CsvBook:
    """The header, how many rows follow, and the rows, read anew at each call."""

    header: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def open_csv(path: Path) -> CsvBook:
    """Find out the encoding and the separator, and count the rows; InputError as `open_tables` says."""
    encoding = _encoding(path)
    separator = _separator(path, encoding)

    def lines() -> Iterator[list[str]]:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            try:
                yield from reader
            except csv.Error as error:
                raise _damaged(path, reader.line_num) from error

    def rows() -> Iterator[tuple[int, list[str]]]:
        for number, cells in enumerate(lines(), start=1):
            if number > 1 and cells:
                yield number, cells

    header: list[str] = next(lines(), [])
    return CsvBook(tuple(header), sum(1 for _row in rows()), rows)


def _encoding(path: Path) -> str:
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    if _decodes(path, "gb18030") and _is_chinese(path):
        return "gb18030"
    raise InputError(
        "400.11",
        words("{file} is neither UTF-8 nor GB18030 text.", file=path.name),
        words("Save it as CSV in UTF-8 (in Excel: “CSV UTF-8”), or as XLSX."),
    )


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while piece := file.read(_PIECE_CHARACTERS):
                if "\0" in piece:
                    return False
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(path: Path) -> bool:
    ordinary, foreign = 0, 0
    with path.open(encoding="gb18030", newline="") as file:
        while piece := file.read(_PIECE_CHARACTERS):
            foreign_here = [c for c in piece if ord(c) >= _ASCII_END]
            encoded = [c.encode("gb18030") for c in foreign_here]
            good = sum(1 for pair in encoded if len(pair) == 2 and min(pair) > 0xA0)  # noqa: PLR2004 - two high bytes: GB 2312
            ordinary, foreign = ordinary + good, foreign + len(encoded) - good
    return ordinary >= _LEAST_CHINESE * (ordinary + foreign)


def _separator(path: Path, encoding: str) -> str:
    """The separator the header uses most, outside quotes."""
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(_PIECE_CHARACTERS)
    bare = "".join(line.split('"')[::2])
    best = max(_SEPARATORS, key=bare.count)
    return best if bare.count(best) else ","


def _damaged(path: Path, line: int) -> InputError:
    return InputError(
        "400.17",
        words("{file} is damaged at line {line}.", file=path.name, line=line),
        words("A quote may be missing. Export it again, or save it as XLSX."),
    )
