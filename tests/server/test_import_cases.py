"""Importing a case book: whole, twice, previewed, mended, joined to what is stored."""

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fieldsync.domain.case import AgreementState, Channel, Flag, Hold, HoldKind
from fieldsync.domain.officer import Officer
from fixtures.generate_branch import write_branch
from fixtures.generate_formats import write_formats
from server.context import ServerContext
from server.store.assignments import assign
from server.store.cases import add_hold, load_branch, load_case, stored_hashes
from server.store.engine import reading, writing
from server.store.tables import agent_feed, audit, imports
from server.workflow.book_files import load_mapping
from server.workflow.import_cases import ImportOptions, ImportReport, import_cases
from server.workflow.share_cases import share_cases
from tests.conftest import ROOT
from tests.fakes import FixedClock

SHENZHEN = ROOT / "fixtures" / "shenzhen"
FORMATS = ROOT / "fixtures" / "formats"
BOOK = [SHENZHEN / "cases.csv", SHENZHEN / "contacts.csv", SHENZHEN / "payments.csv"]
SMALL = [FORMATS / "book.xlsx"]


def bring(
    server: ServerContext, *files: Path, dry_run: bool = False, strict: bool = False
) -> ImportReport:
    """Import files without a mapping."""
    return import_cases(server, files, {}, ImportOptions(dry_run=dry_run, strict=strict))


def versions(server: ServerContext) -> dict[str, tuple[str, int]]:
    """Hash and version of every stored case of the branch."""
    with reading(server.engine) as conn:
        ids = [case.case_id for case in load_branch(conn, "SZ-NANSHAN")]
        return stored_hashes(conn, ids)


def test_the_shipped_branch_comes_in_without_a_problem(server: ServerContext) -> None:
    """1,200 cases with their histories, 60 of them with an appointment, twice the same."""
    first = bring(server, *BOOK)
    assert (first.cases_new, first.problems, first.imported) == (1200, [], True)
    before = versions(server)
    second = bring(server, *BOOK)
    assert (second.cases_new, second.cases_changed, second.cases_unchanged) == (0, 0, 1200)
    assert versions(server) == before
    with reading(server.engine) as conn:
        stored = load_branch(conn, "SZ-NANSHAN")
        assert conn.execute(select(func.count()).select_from(imports)).scalar() == 2
        assert (
            conn.execute(select(func.count()).where(audit.c.action == "cases.import")).scalar() == 2
        )
    assert sum(1 for case in stored if case.appointment) == 60
    assert (
        sum(len(case.contacts) for case in stored)
        == len((SHENZHEN / "contacts.csv").read_text(encoding="utf-8").splitlines()) - 1
    )


def test_the_shipped_branch_is_what_its_generator_writes(tmp_path: Path) -> None:
    """fixtures/shenzhen can be made again, byte for byte."""
    write_branch(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (SHENZHEN / path.name).read_bytes(), path.name


def test_every_home_lies_in_shenzhen_whatever_datum_it_came_in(server: ServerContext) -> None:
    """All three datums end as WGS-84 points inside the city's rectangle."""
    bring(server, SHENZHEN / "cases.csv")
    with reading(server.engine) as conn:
        addresses = [a for c in load_branch(conn, "SZ-NANSHAN") for a in c.addresses if a.point]
    assert len({address.given_in for address in addresses}) == 3
    points = [address.point for address in addresses if address.point]
    assert all(22.45 < p.lat < 22.80 and 113.75 < p.lon < 114.30 for p in points)


def test_a_preview_changes_nothing(server: ServerContext) -> None:
    """--dry-run counts and shows the first cases, and the store stays empty."""
    report = bring(server, *BOOK, dry_run=True)
    assert (report.cases_new, report.imported) == (1200, False)
    assert [case.case_id for case in report.preview][:2] == ["NS-0001", "NS-0002"]
    assert versions(server) == {}


@pytest.mark.parametrize(
    ("name", "mapping"),
    [("bank_gb18030.csv", "bank.toml"), ("semicolons_with_mark.csv", None), ("book.xlsx", None)],
)
def test_other_banks_formats_say_the_same(
    server: ServerContext, name: str, mapping: str | None
) -> None:
    """GB18030 with Chinese columns, semicolons with a mark, and a workbook give the same debts."""
    mappings = load_mapping(FORMATS / mapping if mapping else None)
    report = import_cases(server, [FORMATS / name], mappings, ImportOptions())
    assert report.problems == []
    with reading(server.engine) as conn:
        ill = load_case(conn, "NS-0001")
        disputed = load_case(conn, "NS-0003")
    assert ill is not None
    assert (ill.borrower.name, str(ill.loan.outstanding)) == ("林国强", "51,936.10 CNY")
    assert ill.loan.as_of == date(2026, 11, 23)
    assert disputed is not None
    assert disputed.flags == {Flag.DISPUTE}


def test_rejected_rows_are_mended_and_imported_as_they_are(
    server: ServerContext, tmp_path: Path
) -> None:
    """The rejects file tells the problem beside the row; mended, it needs no other change."""
    text = (SHENZHEN / "cases.csv").read_text(encoding="utf-8")
    book = tmp_path / "cases.csv"
    book.write_text(text.replace("13500000001", "=135"), encoding="utf-8")
    first = bring(server, book, SHENZHEN / "contacts.csv", SHENZHEN / "payments.csv", dry_run=True)
    assert {p.fault.code for p in first.problems} == {"422.112", "422.116"}
    report = bring(server, book)
    assert (report.cases_new, report.cases_rejected) == (1199, 1)
    rejects = report.rejects[0]
    content = rejects.read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(content.splitlines())
    assert (row["case_id"], row["phones"], row["problem_row"]) == ("NS-0002", "'=135", "3")
    assert "422.112" in row["problem"]
    rejects.write_text(content.replace("'=135", "13500000001"), encoding="utf-8")
    again = bring(server, rejects)
    assert (again.cases_new, again.problems) == (1, [])


def test_rows_being_mended_are_not_overwritten(server: ServerContext, tmp_path: Path) -> None:
    """A second import of the bad book takes another name for its rejects."""
    book = tmp_path / "cases.csv"
    text = (SHENZHEN / "cases.csv").read_text(encoding="utf-8")
    book.write_text(text.replace("13500000001", "135"), encoding="utf-8")
    (first,) = bring(server, book).rejects
    assert bring(server, book).rejects == [first]
    first.write_text("mended by hand", encoding="utf-8")
    assert bring(server, book).rejects == [tmp_path / "cases.csv.rejects-2.csv"]
    assert first.read_text(encoding="utf-8") == "mended by hand"


def test_several_tables_share_a_wanted_name_without_losing_rows(
    server: ServerContext, tmp_path: Path
) -> None:
    """--rejects with two bad books of cases and one of contacts makes three files."""
    bad = ROOT / "fixtures" / "bad"
    books = [
        bad / "unknown_flag.csv",
        bad / "unknown_datum.csv",
        bad / "contact_of_unknown_channel.csv",
    ]
    report = import_cases(server, books, {}, ImportOptions(rejects=tmp_path / "back.csv"))
    assert [path.name for path in report.rejects] == [
        "back.cases-1.csv",
        "back.cases-2.csv",
        "back.contacts.csv",
    ]
    assert all(path.is_file() for path in report.rejects)


def test_rejects_that_cannot_be_written_leave_the_store_as_it_was(
    server: ServerContext, tmp_path: Path
) -> None:
    """A full or missing folder for the rejects undoes the import: no row is lost between the two."""
    nowhere = tmp_path / "missing" / "back.csv"
    book = ROOT / "fixtures" / "bad" / "unknown_flag.csv"
    with pytest.raises(OSError, match="back"):
        import_cases(server, [book], {}, ImportOptions(rejects=nowhere))
    assert versions(server) == {}


def test_strict_imports_nothing_where_one_row_is_wrong(
    server: ServerContext, tmp_path: Path
) -> None:
    """--strict keeps the store as it was and writes no rejects."""
    book = tmp_path / "cases.csv"
    text = (SHENZHEN / "cases.csv").read_text(encoding="utf-8")
    book.write_text(text.replace("13500000001", "135"), encoding="utf-8")
    report = bring(server, book, strict=True)
    assert (report.imported, report.rejects, versions(server)) == (False, [], {})


def test_contacts_without_their_cases_join_the_stored_ones(server: ServerContext) -> None:
    """A later file of attempts and payments adds to the cases, once, and loses nothing."""
    bring(server, SHENZHEN / "cases.csv")
    report = bring(server, SHENZHEN / "contacts.csv", SHENZHEN / "payments.csv")
    assert (report.cases_new, report.problems) == (0, [])
    again = bring(server, SHENZHEN / "contacts.csv")
    assert again.cases_changed == 0
    without = bring(server, SHENZHEN / "cases.csv")
    assert without.cases_changed == 0
    with reading(server.engine) as conn:
        paid = load_case(conn, "NS-0008")
    assert paid is not None
    assert (len(paid.payments), paid.version) == (1, 2)
    assert {attempt.channel for attempt in paid.contacts} >= {Channel.CALL, Channel.SMS}


def test_two_payments_of_one_number_are_told(server: ServerContext, tmp_path: Path) -> None:
    """The second, different payment is a problem; the first is kept."""
    bring(server, *SMALL)
    payments = tmp_path / "payments.csv"
    payments.write_text(
        "case_id,payment_id,on,amount\nNS-0002,P1,2026-11-01,5.00\nNS-0002,P1,2026-11-01,6.00\n",
        encoding="utf-8",
    )
    report = bring(server, payments)
    assert [(p.row, p.column, p.fault.code) for p in report.problems] == [
        (3, "payment_id", "422.118")
    ]


def test_our_own_part_survives_an_import(server: ServerContext, clock: FixedClock) -> None:
    """A hold stays on a case that the bank sends again with another debt; the version grows by one."""
    bring(server, *SMALL)
    with writing(server.engine) as conn:
        add_hold(conn, "NS-0001", Hold("H-1", HoldKind.HARDSHIP, clock.now()))
    text = (FORMATS / "semicolons_with_mark.csv").read_text(encoding="utf-8-sig")
    changed = server.config.home / "cases.csv"
    changed.write_text(text.replace("48600.00", "48000.00"), encoding="utf-8")
    report = bring(server, changed)
    assert (report.cases_changed, report.cases_unchanged) == (1, 11)
    with reading(server.engine) as conn:
        case = load_case(conn, "NS-0001")
    assert case is not None
    assert (len(case.holds), case.version) == (1, 3)
    assert case.agreement_state is AgreementState.NONE


def test_a_changed_case_is_sent_to_the_devices_that_hold_it(
    staffed: ServerContext, ana: Officer
) -> None:
    """An import that changes an assigned case puts the new version into the officer's feed."""
    bring(staffed, *SMALL)
    with writing(staffed.engine) as conn:
        assign(conn, staffed.new_id(), "NS-0001", ana.officer_id, staffed.clock.now())
        assert len(share_cases(conn, ["NS-0001"])) == 1
    text = (FORMATS / "semicolons_with_mark.csv").read_text(encoding="utf-8-sig")
    changed = staffed.config.home / "cases.csv"
    changed.write_text(text.replace("48600.00", "48000.00"), encoding="utf-8")
    bring(staffed, changed)
    with reading(staffed.engine) as conn:
        row = conn.execute(select(agent_feed).where(agent_feed.c.agent == ana.officer_id)).one()
    assert row.version == 2


def test_the_formats_are_what_their_generator_writes(tmp_path: Path) -> None:
    """fixtures/formats can be made again, byte for byte."""
    write_formats(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FORMATS / path.name).read_bytes(), path.name
