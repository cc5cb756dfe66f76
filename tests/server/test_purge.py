"""Retention: what the law keeps stays, what it does not goes, and the chain of hashes still verifies."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError
from fieldsync.sync.kinds import PURGED
from fieldsync.sync.operation import decode_body
from server.context import ServerContext
from server.store.assignments import end_assignment
from server.store.cases import add_hold, load_case
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.tables import attachments, blobs, operations, visits
from server.workflow.purge_records import Purge, purge
from server.workflow.share_cases import share_cases
from server.workflow.verify_audit import verify_audit
from tests.fakes import FixedClock
from tests.server.case_files import visit_finish, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.test_commands import Captured, call

DAY = date(2026, 11, 24)
LATER = DAY + timedelta(days=2)


@pytest.fixture
def over(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, clock: FixedClock
) -> ServerContext:
    """A case that was visited and has left its officer; nothing in it is open."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V", "E1001", "E1002"))
    device.record("visit.finish", "C-1", visit_finish("V", "NOBODY"))
    device.sync()
    now = clock.now()
    with writing(staffed.engine) as conn:
        end_assignment(conn, "C-1", ana.officer_id, now)
        publish(conn, share_cases(conn, ["C-1"]), now)
    return staffed


def stored(server: ServerContext) -> list[tuple[str, str | None]]:
    """Kind and case of every record, in order."""
    query = select(operations.c.kind, operations.c.case_id).order_by(operations.c.seq)
    with reading(server.engine) as conn:
        return [(row.kind, row.case_id) for row in conn.execute(query)]


def count_visits(server: ServerContext) -> int:
    """How many visits are kept."""
    with reading(server.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(visits)).scalar_one())


def told(done: Purge) -> tuple[int, dict[str, int], bool]:
    """Records deleted, rules that keep, and whether the file goes."""
    (case,) = done.cases
    return len(case.deleted), case.kept, case.file_deleted


def test_the_law_keeps_records_of_two_years(over: ServerContext, clock: FixedClock) -> None:
    """A day before two years are over nothing goes, and the rule is named with its source."""
    clock.set(clock.now().replace(year=2028) - timedelta(days=1))
    done = purge(over, LATER)
    assert told(done) == (0, {"CN-RETAIN-2Y": 2}, False)
    assert "68" in done.citations["CN-RETAIN-2Y"]
    assert count_visits(over) == 1


def test_then_records_and_file_go_together(over: ServerContext, clock: FixedClock) -> None:
    """Two years later nothing of the case is left but empty places in the log."""
    clock.set(clock.now().replace(year=2028))
    assert told(purge(over, LATER)) == (2, {}, True)
    assert stored(over) == [(PURGED, None)] * 2
    assert count_visits(over) == 0
    with reading(over.engine) as conn:
        assert load_case(conn, "C-1") is None
        bodies = conn.execute(select(operations.c.body)).scalars().all()
    assert all(decode_body(body).payload == {} for body in bodies)
    assert all("C-1" not in body for body in bodies)


def test_the_audit_log_knows_what_went(over: ServerContext, clock: FixedClock) -> None:
    """What is deleted by law has its line: the log misses no row afterwards, and finds none too many."""
    clock.set(clock.now().replace(year=2028))
    assert told(purge(over, LATER)) == (2, {}, True)
    assert verify_audit(over).findings == ()


def test_the_chain_still_verifies(
    over: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    clock: FixedClock,
) -> None:
    """The device goes on where it was; what it sends again is known, and no fork."""
    clock.set(clock.now().replace(year=2028))
    with reading(over.engine) as conn:
        hashes = conn.execute(select(operations.c.hash).order_by(operations.c.seq)).scalars().all()
    purge(over, LATER)
    give(ana)
    again = device.push(*device.journal)
    assert again.status_code == 200, again.get_data(as_text=True)
    device.record("visit.note", "C-1", {"visit_id": None, "text": "rang the bell"})
    assert device.sync() is not None
    with reading(over.engine) as conn:
        now = conn.execute(select(operations.c.hash).order_by(operations.c.seq)).scalars().all()
    assert now[:2] == hashes
    assert len(now) == 3


def test_a_dry_run_decides_the_same_and_changes_nothing(
    over: ServerContext, clock: FixedClock
) -> None:
    """What it says is what the run then does."""
    clock.set(clock.now().replace(year=2028))
    dry = purge(over, LATER, dry_run=True)
    assert stored(over)[0] == ("visit.start", "C-1")
    assert purge(over, LATER) == dry


def test_an_open_matter_keeps_the_whole_case(over: ServerContext, clock: FixedClock) -> None:
    """Collection that was stopped is no old story."""
    with writing(over.engine) as conn:
        add_hold(conn, "C-1", Hold("H", HoldKind.OFFICE, clock.now()))
    clock.set(clock.now().replace(year=2028))
    (case,) = purge(over, LATER).cases
    assert case.open_matters == ("hold",)
    assert stored(over)[0] == ("visit.start", "C-1")


def test_what_is_newer_than_the_day_is_not_looked_at(
    over: ServerContext, clock: FixedClock
) -> None:
    """Nothing before the day, nothing to say."""
    clock.set(clock.now().replace(year=2030))
    assert purge(over, date(2026, 1, 1)).cases == ()


def test_a_day_to_come_is_refused(over: ServerContext) -> None:
    """Nobody deletes what has not happened yet."""
    with pytest.raises(InputError) as error:
        purge(over, date(2030, 1, 1))
    assert error.value.code == "422.539"


def test_files_go_with_the_last_record_that_names_them(
    over: ServerContext, clock: FixedClock
) -> None:
    """A received file that no record names any more is deleted, in the store too."""
    with reading(over.engine) as conn:
        op_id = conn.execute(select(operations.c.op_id).limit(1)).scalar_one()
    name = over.blobs.put(b"a photo")
    file = {"sha256": name, "size": 7, "type": "image/png"}
    with writing(over.engine) as conn:
        conn.execute(
            insert(blobs).values(**file, device_id="D", received_at=clock.now()),
        )
        conn.execute(insert(attachments).values(**file, op_id=op_id))
    clock.set(clock.now().replace(year=2028))
    assert purge(over, LATER).files_deleted == 1
    assert not over.blobs.has(name)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_command_says_what_it_keeps(
    over: ServerContext, capsys: Captured, language: str
) -> None:
    """As JSON the same in either language."""
    assert (
        call(
            over.config.home,
            *("purge", "--before", "2026-01-01", "--dry-run", "--json"),
            language=language,
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["records_deleted"], said["dry_run"]) == (0, True)
