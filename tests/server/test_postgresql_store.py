"""What only PostgreSQL can do to a transaction: broken off, crossed, waited for, or through a pooler."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, InternalError

from fieldsync.domain.officer import Officer
from fieldsync.errors import EXIT_FAILED
from server.context import ServerContext
from server.store.cases import grow_version, lock_cases
from server.store.devices import load_device
from server.store.engine import open_engine, reading, writing
from server.store.retrying import retried
from server.store.tables import agent_feed, cases, meta, operations
from server.workflow.keep_file import keep_file
from tests.server.case_files import case_file, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice
from tests.server.test_commands import call

LOOKS = 5000


@pytest.fixture
def other(server: ServerContext) -> Iterator[Engine]:
    """A second program's connections to the same store."""
    engine = open_engine(server.config.database_url)
    yield engine
    engine.dispose()


def _version(engine: Engine, case_id: str) -> int:
    with reading(engine) as conn:
        query = select(cases.c.version).where(cases.c.case_id == case_id)
        return int(conn.execute(query).scalar_one())


def test_crossing_writes_are_both_done(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """Two writes that lock the same two cases the other way round: one is broken off and done again."""
    for name in ("C-1", "C-2"):
        give(ana, case=case_file(name))
    both_hold_one = Barrier(2)
    tries: list[str] = []

    @retried
    def cross(first: str, second: str) -> None:
        tries.append(first)
        with writing(staffed.engine) as conn:
            grow_version(conn, first)
            if len(tries) <= len(both_hold_one_parties):
                both_hold_one.wait(30)
            grow_version(conn, second)

    both_hold_one_parties = ("C-1", "C-2")
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(cross, "C-1", "C-2"), pool.submit(cross, "C-2", "C-1")]:
            done.result()
    assert len(tries) == 3
    assert (_version(staffed.engine, "C-1"), _version(staffed.engine, "C-2")) == (3, 3)


def test_a_serialization_failure_is_done_again(server: ServerContext, other: Engine) -> None:
    """A write that PostgreSQL breaks off for another's sake begins again from the start."""
    tries: list[str] = []

    @retried
    def rename() -> None:
        with server.engine.connect() as conn, conn.begin():
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            before = conn.execute(select(meta.c.value).where(meta.c.name == "epoch")).scalar_one()
            tries.append(str(before))
            if len(tries) == 1:
                _set_epoch(other, "between")
            conn.execute(update(meta).where(meta.c.name == "epoch").values(value=f"{before}+"))

    rename()
    assert tries[1:] == ["between"]
    with reading(other) as conn:
        query = select(meta.c.value).where(meta.c.name == "epoch")
        assert conn.execute(query).scalar_one() == "between+"


def test_trying_again_ends(server: ServerContext) -> None:
    """What fails each time is told after six tries, as it came; any other error is told at once."""
    tries: list[str] = []

    @retried
    def fail(state: str) -> None:
        tries.append(state)
        with writing(server.engine) as conn:
            conn.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"))

    for state, expected in (("40001", 6), ("22012", 1)):
        tries.clear()
        with pytest.raises(DBAPIError):
            fail(state)
        assert len(tries) == expected


def test_a_reader_cannot_write(server: ServerContext) -> None:
    """A snapshot is for reading; PostgreSQL itself holds us to it."""
    with pytest.raises(InternalError), reading(server.engine) as conn:
        conn.execute(insert(meta).values(name="x", value="y"))


def test_a_reader_has_one_snapshot(server: ServerContext, other: Engine) -> None:
    """What commits while a page is read is not on it."""
    query = select(meta.c.value).where(meta.c.name == "epoch")
    with reading(server.engine) as conn:
        before = conn.execute(query).scalar_one()
        _set_epoch(other, "later")
        assert conn.execute(query).scalar_one() == before
    with reading(server.engine) as conn:
        assert conn.execute(query).scalar_one() == "later"


def _set_epoch(engine: Engine, value: str) -> None:
    with writing(engine) as conn:
        conn.execute(update(meta).where(meta.c.name == "epoch").values(value=value))


def test_the_last_two_files_release_their_record(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Both files a record waits for come at once, neither seeing the other: it is released all the same."""
    give(ana)
    files = tuple(f"page {number}".encode() for number in range(2))
    visit = visit_start("V", "E1001", "E1002")
    operation = device.record("visit.start", "C-1", visit, files=files)
    device.sync()
    with reading(staffed.engine) as conn:
        stored = load_device(conn, device.device_id)
    assert stored is not None
    both_stored = Barrier(2)
    names = [attachment.sha256 for attachment in operation.attachments]

    @event.listens_for(staffed.engine, "after_cursor_execute")
    def meet(_conn: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO blobs"):
            both_stored.wait(30)

    with ThreadPoolExecutor(2) as pool:
        coming = [
            pool.submit(keep_file, staffed, stored, name, content)
            for name, content in zip(names, files, strict=True)
        ]
        assert [one.result() for one in coming] == [True, True]
    with reading(staffed.engine) as conn:
        outcome = conn.execute(select(operations.c.outcome)).scalar_one()
    assert outcome == "accepted"


def test_one_file_sent_twice_at_once_is_kept_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Both uploads are answered well, and exactly one of them was new."""
    give(ana)
    operation = device.record(
        "visit.start", "C-1", visit_start("V", "E1001", "E1002"), files=(b"x",)
    )
    device.sync()
    (name,) = [attachment.sha256 for attachment in operation.attachments]
    with reading(staffed.engine) as conn:
        stored = load_device(conn, device.device_id)
    assert stored is not None
    with ThreadPoolExecutor(4) as pool:
        coming = [pool.submit(keep_file, staffed, stored, name, b"x") for _ in range(4)]
        assert sorted(one.result() for one in coming) == [False, False, False, True]


def test_one_push_sent_twice_at_once_is_stored_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A device that lost patience asks again while the first answer is under way: both are answered."""
    give(ana)
    device.record("visit.start", "C-1", visit_start("V", "E1001", "E1002"))
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(device.push, *device.journal) for _ in range(4)]
        assert [one.result().status_code for one in sent] == [200] * 4
    with reading(staffed.engine) as conn:
        assert len(conn.execute(select(operations.c.seq)).all()) == 1


def test_a_case_taken_away_while_a_record_arrives_leaves_the_device(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer
) -> None:
    """The record changes the case, the office takes it away: whichever waits, the last word is REMOVE."""
    from server.store.assignments import end_assignment
    from server.store.feed import publish
    from server.workflow.share_cases import share_cases

    device = enrolled(ana, "tablet")
    give(ana)
    device.record("visit.start", "C-1", visit_start("V", "E1001", "E1002"))
    with ThreadPoolExecutor(1) as pool:
        with writing(staffed.engine) as conn:
            lock_cases(conn, ["C-1"])
            pushed = pool.submit(device.push, *device.journal)
            _until_someone_waits(staffed.engine)
            end_assignment(conn, "C-1", "E1001", staffed.clock.now())
            publish(conn, share_cases(conn, ["C-1"]), staffed.clock.now())
        assert pushed.result().status_code == 200
    with reading(staffed.engine) as conn:
        query = select(agent_feed.c.op).where(agent_feed.c.key == "case:C-1")
        assert conn.execute(query).scalars().all() == ["REMOVE"]


def _until_someone_waits(engine: Engine) -> None:
    for _ in range(LOOKS):
        with reading(engine) as conn:
            if conn.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                return
    raise AssertionError("nobody waits")


def test_text_with_a_nul_is_kept(
    staffed: ServerContext, enrolled: DeviceMaker, ana: Officer
) -> None:
    """PostgreSQL keeps no NUL: a device whose name holds one is enrolled all the same."""
    device = enrolled(ana, "tab\0let")
    with reading(staffed.engine) as conn:
        stored = load_device(conn, device.device_id)
    assert stored is not None
    assert stored.name == "tab\ufffdlet"


def test_doctor_fails_where_postgresql_may_forget(
    server: ServerContext, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that does not wait for the disk is no receipt; doctor says which setting it is."""
    with server.engine.connect() as conn:
        name = conn.execute(text("SELECT current_database()")).scalar_one()
        conn.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        conn.commit()
    assert call(server.config.home, "doctor") == EXIT_FAILED
    assert "synchronous_commit = off" in capsys.readouterr().out
