"""Writes rejected rows as they stood, with what is wrong beside them, ready to mend and import again."""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from fieldsync.schemas.book_tables import PROBLEM_COLUMNS
from fieldsync.schemas.fault import Problem
from fieldsync.schemas.spreadsheet import guarded
from server.workflow.book_files import BookTable
from server.workflow.problem_lines import advice


def write_rejects(
    tables: Sequence[BookTable], problems: Sequence[Problem], wanted: Path | None
) -> list[Path]:
    """One CSV file a table with rejected rows; the files written.

    Without a wanted name it stands beside its book, under a name that is still free: rows somebody
    is mending are never overwritten. Files are whole or absent.
    """
    by_table: dict[tuple[str, str | None], dict[int, list[Problem]]] = defaultdict(dict)
    for problem in problems:
        rows = by_table[problem.file, problem.sheet]
        rows.setdefault(problem.row, []).append(problem)
    with_rejects = [t for t in tables if (t.source.file, t.source.sheet) in by_table]
    written: list[Path] = []
    for table in with_rejects:
        content = _content(table, by_table[table.source.file, table.source.sheet])
        path = _free(table, content) if wanted is None else _named(table, wanted, with_rejects)
        _write_whole(path, content)
        written.append(path)
    return written


def _told(problem: Problem) -> str:
    return f"{problem.column}: {advice(problem)}" if problem.column else advice(problem)


def _content(table: BookTable, problems: dict[int, list[Problem]]) -> bytes:
    keep = [i for i, c in enumerate(table.tabular.header) if c.strip() not in PROBLEM_COLUMNS]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*(guarded(table.tabular.header[i]) for i in keep), *PROBLEM_COLUMNS])
    for number, row in table.tabular.rows():
        if number in problems:
            cells = [guarded(row[i]) if i < len(row) else "" for i in keep]
            told = " | ".join(_told(problem) for problem in problems[number])
            writer.writerow([*cells, str(number), guarded(told)])
    # The mark at the beginning lets spreadsheets see that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _named(table: BookTable, wanted: Path, with_rejects: Sequence[BookTable]) -> Path:
    """The wanted name; with several tables each gets its kind, and a number from the second on."""
    if len(with_rejects) == 1:
        return wanted
    same = [other for other in with_rejects if other.kind is table.kind]
    number = f"-{same.index(table) + 1}" if len(same) > 1 else ""
    return wanted.with_name(f"{wanted.stem}.{table.kind.value}{number}{wanted.suffix}")


def _free(table: BookTable, content: bytes) -> Path:
    """A name beside the book that is free, or holds exactly this already."""
    book = table.tabular.path
    sheet = f".{table.kind.value}" if table.tabular.sheet else ""
    path = book.with_name(f"{book.name}{sheet}.rejects.csv")
    number = 1
    while path.exists() and path.read_bytes() != content:
        number += 1
        path = book.with_name(f"{book.name}{sheet}.rejects-{number}.csv")
    return path


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
