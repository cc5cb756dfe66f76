"""Every book of fixtures/bad says what is wrong with it: code, row, column, in both languages."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fieldsync.errors import InputError
from fieldsync.locale import render
from fixtures.generate_bad import write_bad
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import cases, imports
from server.workflow.book_files import load_mapping
from server.workflow.import_cases import ImportOptions, import_cases
from tests.conftest import ROOT

BAD = ROOT / "fixtures" / "bad"

# Books with wrong rows: file name -> (row, column, code) of every problem.
ROWS: dict[str, list[tuple[int, str, str]]] = {
    "missing_name.csv": [(3, "borrower_name", "422.101")],
    "amount_not_a_number.csv": [(3, "principal", "422.102")],
    "amount_too_fine.csv": [(3, "interest", "422.102")],
    "amount_negative.csv": [(3, "fees", "422.102")],
    "unknown_currency.csv": [(3, "currency", "422.103")],
    "date_impossible.csv": [(3, "as_of", "422.104")],
    "appointment_time_impossible.csv": [(3, "appointment_at", "422.105")],
    "days_not_a_number.csv": [(3, "days_past_due", "422.106")],
    "coordinates_not_degrees.csv": [(3, "home_lat", "422.107")],
    "coordinates_swapped.csv": [(3, "home_lat", "422.108")],
    "coordinates_zero.csv": [(3, "home_lat", "422.109")],
    "coordinates_abroad.csv": [(3, "home_lat", "422.109")],
    "coordinates_half.csv": [(3, "home_lon", "422.110")],
    "id_number_checksum.csv": [(3, "id_number", "422.111")],
    "id_number_birthday.csv": [(3, "id_number", "422.111")],
    "id_number_as_number.xlsx": [(2, "id_number", "422.111")],
    "phone_too_short.csv": [(3, "phones", "422.112")],
    "unknown_flag.csv": [(3, "flags", "422.113")],
    "unknown_datum.csv": [(3, "datum", "422.113")],
    "contact_of_unknown_channel.csv": [(2, "channel", "422.113")],
    "duplicate_case_id.csv": [(2, "case_id", "422.114"), (4, "case_id", "422.114")],
    "contact_of_unknown_case.csv": [(2, "case_id", "422.115")],
    "appointment_backwards.csv": [(3, "appointment_until", "422.117")],
    "too_many_cells.csv": [(2, "", "422.119")],
    "text_too_long.csv": [(3, "home_address", "422.120")],
    "identifier_with_line_break.csv": [(3, "case_id", "422.121")],
    "formulas.csv": [(2, "principal", "422.102")],
    # Its cases are not in it: both rows wait for a case that nobody knows.
    "payment_number_twice.csv": [(2, "case_id", "422.115"), (3, "case_id", "422.115")],
}
# Files that are refused as a whole.
FILES = {
    "not_a_table.csv": "400.10",
    "old_excel.xls": "400.10",
    "archive.xlsx": "400.10",
    "latin1.csv": "400.11",
    "utf16.csv": "400.11",
    "empty_file.csv": "400.12",
    "missing_column.csv": "400.13",
    "not_our_columns.csv": "400.13",
    "broken.xlsx": "400.17",
    "quote_missing.csv": "400.17",
    "column_twice.csv": "400.18",
}
MAPPINGS = {"mapping_not_toml.toml": "400.15", "mapping_unknown_column.toml": "400.15"}


def count_rows(server: ServerContext) -> tuple[int, int]:
    """How many cases and imports are stored."""
    with reading(server.engine) as conn:
        stored = [
            conn.execute(select(func.count()).select_from(t)).scalar() for t in (cases, imports)
        ]
    return stored[0] or 0, stored[1] or 0


def test_every_bad_book_is_tested() -> None:
    """No book lies in fixtures/bad without a test that says what it must tell."""
    assert {path.name for path in BAD.iterdir()} == {*ROWS, *FILES, *MAPPINGS}


def test_the_bad_books_are_what_their_generator_writes(tmp_path: Path) -> None:
    """fixtures/bad can be made again, byte for byte."""
    write_bad(tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in BAD.iterdir()
    }


@pytest.mark.parametrize("name", ROWS)
def test_a_wrong_row_is_told_and_the_good_ones_come_in(
    server: ServerContext, tmp_path: Path, name: str
) -> None:
    """Each problem has its row, column and code, and says what to do in Chinese and in English."""
    book = Path(shutil.copy(BAD / name, tmp_path / name))
    report = import_cases(server, [book], {}, ImportOptions())
    told = [(p.row, p.column, p.fault.code) for p in report.problems]
    assert told == ROWS[name]
    for problem in report.problems:
        for sentence in (problem.fault.message, problem.fault.hint):
            assert render(sentence, "zh-CN") != render(sentence, "en")
        assert "\n" not in problem.value
    rejected = {row for row, _column, _code in ROWS[name]}
    assert count_rows(server)[0] == report.rows_read - len(rejected)
    assert [path.name for path in report.rejects] == [
        f"{name}.cases.rejects.csv" if name.endswith("xlsx") else f"{name}.rejects.csv"
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_changes_nothing(server: ServerContext, name: str) -> None:
    """A file that is no case book is refused with its code and a hint, beside a good one too."""
    good = ROOT / "fixtures" / "formats" / "semicolons_with_mark.csv"
    with pytest.raises(InputError) as caught:
        import_cases(server, [good, BAD / name], {}, ImportOptions())
    error = caught.value
    assert error.code == FILES[name]
    assert error.hint is not None
    assert render(error.message, "zh-CN") != render(error.message, "en")
    assert count_rows(server) == (0, 0)


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_wrong_mapping_names_its_mistakes(name: str) -> None:
    """A mapping file with mistakes is refused before any book is opened."""
    with pytest.raises(InputError) as caught:
        load_mapping(BAD / name)
    assert caught.value.code == MAPPINGS[name]


def test_an_unknown_mapping_column_and_table_are_both_named() -> None:
    """All mistakes of a mapping file are told at once."""
    with pytest.raises(InputError, match=r"cases\.columns\.case_no, loans"):
        load_mapping(BAD / "mapping_unknown_column.toml")


def test_a_file_that_is_not_there_is_named(server: ServerContext, tmp_path: Path) -> None:
    """A wrong file name has its own code."""
    with pytest.raises(InputError) as caught:
        import_cases(server, [tmp_path / "nothing.csv"], {}, ImportOptions())
    assert caught.value.code == "400.16"
