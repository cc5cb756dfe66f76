"""Reading files: encodings, separators, workbooks with oddities, archives that would burst."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from fieldsync.errors import InputError
from fieldsync.schemas.spreadsheet import guarded
from server.workflow.tabular import open_tables

HEADER = ["案件编号", "姓名", "phone"]
ROWS = [["C-1", "林国强", "13500000000"], ["C-2", "O'Neil; Ann", ""]]


def written(path: Path, separator: str, encoding: str) -> Path:
    """The table as a CSV file, every cell quoted."""
    lines = [separator.join(f'"{cell}"' for cell in row) for row in (HEADER, *ROWS)]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_csv_reads_the_same(tmp_path: Path, encoding: str, separator: str) -> None:
    """Encoding and separator are found out, and the rows keep their numbers."""
    (table,) = open_tables(written(tmp_path / "t.csv", separator, encoding))
    assert (list(table.header), table.count) == (HEADER, 2)
    assert list(table.rows()) == [(2, ROWS[0]), (3, ROWS[1])]
    assert list(table.rows()) == [(2, ROWS[0]), (3, ROWS[1])]


def test_blank_lines_count_as_rows_of_the_spreadsheet(tmp_path: Path) -> None:
    """A problem after a blank line is told with the number a person sees."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n\n,\n3,4\n", encoding="utf-8")
    (table,) = open_tables(path)
    assert list(table.rows()) == [(2, ["1", "2"]), (5, ["3", "4"])]


def test_cells_of_a_workbook_read_as_a_person_sees_them(tmp_path: Path) -> None:
    """Whole numbers lose .0, dates are ISO, and a table that begins lower keeps its row numbers."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.cell(3, 1, "case_id")
    sheet.cell(3, 2, "phones")
    sheet.cell(3, 3, "amount")
    sheet.cell(3, 4, "at")
    for column, value in enumerate(["C-1", 13500000000, 0.1 + 0.2, datetime(2026, 11, 24, 10)], 1):  # noqa: DTZ001 - a sheet knows no zones
        sheet.cell(5, column, value)
    book.create_sheet("empty")
    book.save(tmp_path / "t.xlsx")
    (table,) = open_tables(tmp_path / "t.xlsx")
    assert table.header == ("case_id", "phones", "amount", "at")
    assert list(table.rows()) == [(5, ["C-1", "13500000000", "0.3", "2026-11-24 10:00:00"])]


def test_an_archive_that_would_burst_is_not_unpacked(tmp_path: Path) -> None:
    """A small file that unpacks to hundreds of megabytes is refused by its table of contents."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _piece in range(401):
                member.write(bytes(1 << 20))
    with pytest.raises(InputError) as caught:
        open_tables(path)
    assert caught.value.code == "400.14"


def test_a_sheet_of_countless_columns_is_refused(tmp_path: Path) -> None:
    """More columns than any book has means that something else is in the sheet."""
    book = Workbook()
    book.worksheets[0].append([f"c{n}" for n in range(301)])
    book.save(tmp_path / "wide.xlsx")
    with pytest.raises(InputError) as caught:
        open_tables(tmp_path / "wide.xlsx")
    assert caught.value.code == "400.14"


@given(cell=st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_no_guarded_cell_begins_a_formula(cell: str) -> None:
    """Whatever a book holds, its rejects file runs nothing in a spreadsheet."""
    assert not guarded(cell).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("cell", ["=1+1", "+86 13500000000", "-5", "@SUM(A1)"])
def test_a_guarded_cell_reads_back_as_it_was(tmp_path: Path, cell: str) -> None:
    """The apostrophe of a rejects file is taken off when it is imported again."""
    path = tmp_path / "t.csv"
    path.write_text(f"a,b\n{guarded(cell)},1\n", encoding="utf-8")
    (table,) = open_tables(path)
    assert next(table.rows()) == (2, [cell, "1"])
