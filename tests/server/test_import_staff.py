"""Importing officers and pairs: once, twice, and not at all where a row is wrong."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from fieldsync.domain.codec import from_json
from fieldsync.domain.officer import Pair
from fieldsync.errors import InputError
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import officers, pairs
from server.workflow.import_staff import import_staff
from tests.conftest import ROOT
from tests.server.field_device import FieldDevice

STAFF = ROOT / "fixtures" / "shenzhen" / "staff.csv"
HEADER = (
    "pair_id,branch,officer1_id,officer1_name,officer2_id,officer2_name,start_lat,start_lon,"
    "shift_start,shift_end,max_stops\n"
)


def test_the_shipped_staff_comes_in_twice_the_same(server: ServerContext) -> None:
    """Forty officers in twenty pairs; the second import finds nothing to do."""
    first = import_staff(server, STAFF)
    assert (first.officers, first.pairs_new, first.problems) == (40, 20, ())
    second = import_staff(server, STAFF)
    assert (second.pairs_new, second.pairs_changed, second.pairs_unchanged) == (0, 0, 20)
    with reading(server.engine) as conn:
        assert conn.execute(select(func.count()).select_from(officers)).scalar() == 40
        body = conn.execute(select(pairs.c.body).where(pairs.c.pair_id == "SZ-P04")).scalar_one()
    evening = from_json(body, Pair)
    assert (evening.shift_end.hour, evening.max_stops) == (22, 14)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("P,B,1,A,1,A,22.5,113.9,,,", "officer2_id", "422.202"),
        ("P,B,1,A,2,C,22.5,113.9,18:00,08:30,", "shift_end", "422.201"),
        ("P,B,1,A,2,C,22.5,113.9,,,0", "max_stops", "422.204"),
        ("P,B,1,A,2,,22.5,113.9,,,", "officer2_name", "422.101"),
        ("P,B,1,A,2,C,113.9,22.5,,,", "start_lat", "422.108"),
        ("P,B,1,A,2,C,22.5,113.9,8h,,", "shift_start", "422.105"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_comes_in(
    server: ServerContext, tmp_path: Path, row: str, column: str, code: str
) -> None:
    """A pair that cannot walk is refused with its place, and the good rows wait too."""
    path = tmp_path / "staff.csv"
    path.write_text(f"{HEADER}Q,B,8,X,9,Y,22.5,113.9,,,\n{row}\n", encoding="utf-8")
    report = import_staff(server, path)
    assert [(p.row, p.column, p.fault.code) for p in report.problems] == [(3, column, code)]
    with reading(server.engine) as conn:
        assert conn.execute(select(func.count()).select_from(pairs)).scalar() == 0


def test_an_officer_in_two_pairs_is_told_in_both_rows(
    server: ServerContext, tmp_path: Path
) -> None:
    """Nobody walks in two pairs on one day."""
    path = tmp_path / "staff.csv"
    rows = "P,B,1,A,2,C,22.5,113.9,,,\nQ,B,2,C,3,D,22.5,113.9,,,\n"
    path.write_text(HEADER + rows, encoding="utf-8")
    told = [(p.row, p.column, p.fault.code) for p in import_staff(server, path).problems]
    assert told == [(2, "officer2_id", "422.203"), (3, "officer1_id", "422.203")]


def test_a_case_book_is_no_staff_table(server: ServerContext) -> None:
    """The wrong file is refused, naming the columns it lacks."""
    with pytest.raises(InputError, match="officer1_id") as caught:
        import_staff(server, ROOT / "fixtures" / "shenzhen" / "cases.csv")
    assert caught.value.code == "400.13"


def test_enrolled_devices_learn_of_new_colleagues(
    staffed: ServerContext, device: FieldDevice, tmp_path: Path
) -> None:
    """The roster grows in the same transaction, and a pair's row imported again tells nothing new."""
    device.sync()
    path = tmp_path / "staff.csv"
    row = "P-1,SZ-NANSHAN,E1003,Di Gao,E1004,Ed He,22.5,113.9,,,\n"
    path.write_text(HEADER + row, encoding="utf-8")
    import_staff(staffed, path)
    (change,) = device.sync().changes
    assert change.key == "roster:SZ-NANSHAN"
    assert change.body is not None
    assert [o["officer_id"] for o in change.body["officers"]] == [
        "E1001",
        "E1002",
        "E1003",
        "E1004",
    ]
    import_staff(staffed, path)
    assert device.sync().changes == ()
