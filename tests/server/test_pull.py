"""Pulling: pages that agree with their digest, scope that ends, cursors that are not ours to follow."""

import pytest
from sqlalchemy import insert, update

from fieldsync.domain.officer import Officer
from fieldsync.sync.cursor import Cursor, seal_cursor
from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp
from server.context import ServerContext
from server.store.assignments import end_assignment
from server.store.engine import writing
from server.store.feed import publish
from server.store.tables import meta
from server.workflow import serve_changes
from server.workflow.share_cases import share_cases
from server.workflow.share_reference import share_reference_with_all
from tests.server.case_files import case_file
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice


def test_a_new_device_gets_its_cases_rules_and_colleagues(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The first pull brings the case with its identity number masked, the rule packs and the roster."""
    give(ana)
    give(case=case_file("C-2"))
    rows = {row.key: row for row in device.sync().changes}
    told = {"roster:SZ-NANSHAN", "ruleset:cn", "ruleset:house", "server:seal"}
    told |= {
        "server:hardship_seal",
        "server:lease",
        "server:mandate",
        "server:document_ca",
        "server:agreement_template",
    }
    assert set(rows) == {"case:C-1"} | told
    body = rows["case:C-1"].body
    assert body is not None
    assert body["borrower"]["id_number"] == "440***********1234"


def test_a_complete_pull_proves_itself(device: FieldDevice, give: CaseGiver, ana: Officer) -> None:
    """G4: count and digest are those of the rows that the device now holds."""
    give(ana)
    answer = device.sync()
    assert answer.complete
    assert answer.digest == digest_of((row.key, row.version) for row in answer.changes)


def test_nothing_new_is_an_empty_page(device: FieldDevice, give: CaseGiver, ana: Officer) -> None:
    """The second pull has nothing to say, and says so with the same digest."""
    give(ana)
    first, second = device.sync(), device.sync()
    assert second.changes == ()
    assert second.digest == first.digest


@pytest.mark.parametrize(("limit", "value"), [("PAGE_ROWS", 20), ("PAGE_BYTES", 15_000)])
def test_many_changes_come_in_pages(
    limit: str,
    value: int,
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages of so many rows or bytes follow each other; only the last one carries the digest."""
    monkeypatch.setattr(serve_changes, limit, value)
    for number in range(30):
        give(ana, case=case_file(f"C-{number}"))
    pages = [device.sync()]
    while not pages[-1].complete:
        pages.append(device.sync())
    assert len(pages) > 1
    assert {page.digest for page in pages[:-1]} == {None}
    assert all(1 <= len(page.changes) < 30 for page in pages)
    told = [row for page in pages for row in page.changes]
    assert pages[-1].digest == digest_of((row.key, row.version) for row in told)
    assert share_reference_with_all(staffed) == 0


def test_a_row_larger_than_a_page_still_comes(
    device: FieldDevice, give: CaseGiver, ana: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page holds one row at least, so that a pull always ends."""
    monkeypatch.setattr(serve_changes, "PAGE_BYTES", 10)
    give(ana)
    pages = [device.sync()]
    while not pages[-1].complete:
        pages.append(device.sync())
    assert {len(page.changes) for page in pages} == {1}


def test_a_case_that_leaves_the_scope_is_removed(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """G5: when the assignment ends, the device is told to forget the case, and the digest forgets it."""
    give(ana)
    before = device.sync().digest
    now = staffed.clock.now()
    with writing(staffed.engine) as conn:
        end_assignment(conn, "C-1", ana.officer_id, now)
        publish(conn, share_cases(conn, ["C-1"]), now)
    answer = device.sync()
    assert [(row.key, row.op) for row in answer.changes] == [("case:C-1", FeedOp.REMOVE)]
    assert before is not None
    assert answer.digest is not None
    assert answer.digest.count == before.count - 1


def test_unchanged_cases_are_not_told_again(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """Sharing the same cases twice finds nothing to tell."""
    give(ana)
    with writing(staffed.engine) as conn:
        assert share_cases(conn, ["C-1"]) == []


def test_new_colleagues_reach_enrolled_devices(staffed: ServerContext, device: FieldDevice) -> None:
    """When the branch grows, the roster row grows with it."""
    device.sync()
    from server.store.tables import officers

    with writing(staffed.engine) as conn:
        conn.execute(
            insert(officers), [{"officer_id": "E1003", "name": "Di", "branch": "SZ-NANSHAN"}]
        )
    assert share_reference_with_all(staffed) == 1
    (row,) = device.sync().changes
    assert (row.key, row.version) == ("roster:SZ-NANSHAN", 2)


@pytest.mark.parametrize("text", ["x", "x.y", "Ω.Ω", "a" * 900])
def test_a_cursor_that_is_none_is_refused(device: FieldDevice, text: str) -> None:
    """Garbage is told apart from an old cursor, and nothing is stored on the way."""
    answer = device.push(cursor=text)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "400.41")


def test_a_cursor_of_another_life_of_the_store_is_gone(
    staffed: ServerContext, device: FieldDevice
) -> None:
    """G8: after a restore the epoch is new, and the device fetches everything again."""
    first = device.sync().changes
    with writing(staffed.engine) as conn:
        conn.execute(update(meta).where(meta.c.name == "epoch").values(value="another"))
    assert device.push(cursor=device.cursor).get_json()["code"] == "410.1"
    device.cursor = None
    assert {row.key for row in device.sync().changes} == {row.key for row in first}


def test_cursors_of_others_and_of_the_future_are_gone(
    staffed: ServerContext, device: FieldDevice
) -> None:
    """An officer's place is their own, and no place lies beyond what the server ever gave."""
    epoch = device.sync().receipt.body.partition('"epoch":"')[2].partition('"')[0]
    others = seal_cursor(Cursor(epoch, "E2001", 1), staffed.keys.cursor)
    beyond = seal_cursor(Cursor(epoch, "E1001", 10**6), staffed.keys.cursor)
    assert device.push(cursor=others).get_json()["code"] == "410.2"
    assert device.push(cursor=beyond).get_json()["code"] == "410.3"
