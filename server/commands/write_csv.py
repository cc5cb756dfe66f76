"""Writes a table that spreadsheets open as it is: UTF-8 with its mark, no cell taken for a formula."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from fieldsync.schemas.spreadsheet import guarded


def write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The head and every row."""
    # The mark at the beginning tells older spreadsheets that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for row in rows:
            writer.writerow([guarded(cell) for cell in row])
