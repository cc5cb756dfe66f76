"""The audit log: a leaf for every write and read, and whatever is changed by hand in the store is found."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pymerkle import InmemoryTree
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Integer,
    Table,
    create_engine,
    delete,
    insert,
    select,
    update,
)

from fieldsync.domain.check import Level
from fieldsync.domain.officer import Officer
from fieldsync.sync.merkle import Frontier, extended
from server.context import ServerContext
from server.security.tree_heads import heads_in, publish_head, sign_head
from server.store.account_tables import metadata
from server.store.audit import record
from server.store.audit_rows import watched
from server.store.audit_tables import audit_tree
from server.store.audit_tree import encoded, leaf_of, line_data, lines_of_log, load_tree
from server.store.engine import reading, writing
from server.store.ledger import key_names, left_out
from server.store.migrate import migrate
from server.store.tables import audit, devices, officers, operations
from server.workflow.examine_audit import check_audit
from server.workflow.prove_audit import holds, newest_line_of, prove_growth, prove_line
from server.workflow.verify_audit import verify_audit
from tests.server.case_files import disclosure, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice


@pytest.fixture
def told(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> ServerContext:
    """A server that has a case, a visit to it and a disclosure that stopped collection."""
    give(ana, ben)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    assert device.push(*device.journal).status_code == 200
    return staffed


def _found(server: ServerContext) -> list[tuple[str, str | None]]:
    return [(finding.what, finding.table) for finding in verify_audit(server).findings]


def test_a_store_that_nobody_touched_agrees_with_its_log(told: ServerContext) -> None:
    """Every row has its leaf, every leaf its row, and places have no gaps."""
    report = verify_audit(told)
    assert report.findings == ()
    assert report.size > 3
    with reading(told.engine) as conn:
        numbers = list(conn.execute(select(audit.c.n).order_by(audit.c.n)).scalars())
        every = sum(len(conn.execute(select(t)).all()) for t in watched(metadata.tables.values()))
    assert numbers == list(range(1, report.size + 1))
    assert report.rows == every


def test_another_implementation_has_the_same_root(told: ServerContext) -> None:
    """Pymerkle, given the lines as JSON, comes to the root that the server signs."""
    tree = InmemoryTree(algorithm="sha256")
    with reading(told.engine) as conn:
        for row in lines_of_log(conn):
            tree.append_entry(encoded(line_data(row)))
        assert tree.get_root() == load_tree(conn).frontier.root


def _other(column: Any, value: Any) -> Any:
    """A value of the column's type that is not this one."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 100
    if isinstance(column.type, Date):
        return date(2001, 1, 1)
    if getattr(column.type, "impl", None) is not None:
        return datetime.fromisoformat("2001-01-01T00:00:00+00:00")
    return f"{value or ''}x"


def _cells(server: ServerContext) -> Iterator[tuple[Table, dict[str, Any], str]]:
    """Every column of a row of each watched table that has one."""
    with reading(server.engine) as conn:
        for table in watched(metadata.tables.values()):
            row = conn.execute(select(table)).first()
            if row is None:
                continue
            for column in table.columns:
                if column.name not in left_out(table):
                    yield table, dict(row._mapping), column.name


@contextmanager
def _shell(server: ServerContext) -> Iterator[Connection]:
    """A database shell: past the program, and nothing that refers to a row is in the way."""
    engine = create_engine(server.engine.url)
    try:
        with engine.connect() as conn, conn.begin():
            if engine.dialect.name == "postgresql":
                conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield conn
    finally:
        engine.dispose()


def _by_hand(server: ServerContext, *statements: Any) -> None:
    with _shell(server) as conn:
        for statement in statements:
            conn.execute(statement)


def test_every_column_of_every_row_is_watched(told: ServerContext) -> None:
    """Changing any one cell by hand is found, in its table, and undoing it heals the log."""
    tried = set()
    for table, row, name in list(_cells(told)):
        other = {name: _other(table.c[name], row[name])}
        primary = [column.name for column in table.primary_key.columns]
        _by_hand(told, update(table).where(*_is(table, primary, row)).values(other))
        found = _found(told)
        if name in key_names(table):
            assert {("row_unknown", table.name), ("row_gone", table.name)} <= set(found)
        else:
            assert ("row_changed", table.name) in found, (table.name, name)
        _by_hand(
            told, update(table).where(*_is(table, primary, row | other)).values({name: row[name]})
        )
        tried.add(table.name)
    assert tried >= {"operations", "cases", "holds", "devices", "officers", "assignments", "meta"}
    assert _found(told) == []


def _is(table: Table, names: list[str], row: dict[str, Any]) -> list[Any]:
    return [table.c[name] == row[name] for name in names]


def test_a_row_that_goes_or_comes_by_hand_is_found(told: ServerContext) -> None:
    """Of each table: deleting a row leaves a leaf without one, inserting it again another brings one without."""
    with reading(told.engine) as conn:
        rows = {t: conn.execute(select(t)).first() for t in watched(metadata.tables.values())}
    for table, found in rows.items():
        if found is None:
            continue
        row = dict(found._mapping)
        key = list(key_names(table))
        _by_hand(told, delete(table).where(*_is(table, key, row)))
        assert ("row_gone", table.name) in _found(told)
        _by_hand(told, insert(table).values(row))
        assert _found(told) == []
    stranger = {"officer_id": "X9", "name": "Nobody", "branch": "SZ-NANSHAN"}
    _by_hand(told, insert(officers).values(stranger))
    assert _found(told) == [("row_unknown", "officers")]


def test_every_rewritten_field_of_a_line_is_found(told: ServerContext) -> None:
    """Number, time, words and rows of a line are all under its leaf."""
    with reading(told.engine) as conn:
        first = conn.execute(select(audit).where(audit.c.rows.is_not(None)).limit(1)).one()
    row = dict(first._mapping)
    for name in ("at", "actor", "action", "subject", "detail", "rows", "leaf"):
        other = _other(audit.c[name], row[name])
        _by_hand(told, update(audit).where(audit.c.n == row["n"]).values({name: other}))
        assert "line_changed" in {what for what, _table in _found(told)}, name
        _by_hand(told, update(audit).where(audit.c.n == row["n"]).values({name: row[name]}))
    assert _found(told) == []


def test_lines_cannot_change_places_or_go(told: ServerContext) -> None:
    """Two lines that changed places, one taken out of the middle, and the last cut off are found."""
    with reading(told.engine) as conn:
        rows = [dict(row._mapping) for row in conn.execute(select(audit).order_by(audit.c.n))]
    swapped = [{**rows[0], "n": 2}, {**rows[1], "n": 1}]
    first_two = delete(audit).where(audit.c.n.in_([1, 2]))
    _by_hand(told, first_two, *(insert(audit).values(row) for row in swapped))
    assert ("line_changed", None) in _found(told)
    _by_hand(told, first_two, *(insert(audit).values(row) for row in rows[:2]))
    _by_hand(told, delete(audit).where(audit.c.n == 2))
    assert {("line_missing", None), ("tree_changed", None)} <= set(_found(told))
    assert check_audit(told).level is Level.FAIL
    _by_hand(told, insert(audit).values(rows[1]), delete(audit).where(audit.c.n == len(rows)))
    assert ("tree_changed", None) in _found(told)


def test_whoever_makes_the_whole_log_anew_meets_the_published_heads(told: ServerContext) -> None:
    """A row rewritten with its digest, its leaf and the tree holds by itself; a head from before shows it."""
    now, heads = told.clock.now(), told.config.heads
    heads.unlink()
    publish_head(told.engine, told.keys.audits[0], heads, now)
    assert _found(told) == []
    with _shell(told) as conn:
        conn.execute(update(audit).where(audit.c.n == 1).values(subject="somebody else"))
        frontier = Frontier()
        for line in list(lines_of_log(conn)):
            leaf = leaf_of(line)
            conn.execute(update(audit).where(audit.c.n == line.n).values(leaf=leaf.hex()))
            frontier = extended(frontier, [leaf])
        peaks = b"".join(frontier.peaks).hex()
        conn.execute(update(audit_tree).values(size=frontier.size, peaks=peaks))
    assert _found(told) == [("head_contradicts", None)]
    assert check_audit(told).level is Level.FAIL
    heads.unlink()
    assert _found(told) == []


def test_a_head_of_later_shows_a_restored_store(told: ServerContext, tmp_path: Path) -> None:
    """A store from before a published head has fewer lines than that head tells of."""
    elsewhere = tmp_path / "elsewhere.jsonl"
    with writing(told.engine) as conn:
        record(conn, at=told.clock.now(), actor="Li", action="test", subject="-")
    publish_head(told.engine, told.keys.audits[0], elsewhere, told.clock.now())
    assert verify_audit(told, elsewhere).findings == ()
    with _shell(told) as conn:
        lines = list(lines_of_log(conn))[:-1]
        frontier = extended(Frontier(), (leaf_of(line) for line in lines))
        conn.execute(delete(audit).where(audit.c.n > len(lines)))
        peaks = b"".join(frontier.peaks).hex()
        conn.execute(update(audit_tree).values(size=frontier.size, peaks=peaks))
    assert _found(told) == []
    assert [f.what for f in verify_audit(told, elsewhere).findings] == ["log_shorter"]


def test_a_head_that_we_did_not_sign_is_none_of_ours(told: ServerContext, tmp_path: Path) -> None:
    """A changed size, a foreign key and a line that is no head are all told."""
    path = tmp_path / "heads.jsonl"
    publish_head(told.engine, told.keys.audits[0], path, told.clock.now())
    good = path.read_text(encoding="utf-8")
    other = good.replace('"size":', '"size":1')
    foreign = sign_head(told.keys.receipt, 1, b"\0" * 32, told.clock.now())
    path.write_text(f"{good}{other}{json.dumps(asdict(foreign))}\nnot a head\n", encoding="utf-8")
    whats = [f.what for f in verify_audit(told, path).findings if f.what != "log_shorter"]
    assert sorted(whats) == ["head_contradicts", "head_forged", "head_forged", "head_forged"]


def test_a_devices_head_is_the_end_of_its_records(told: ServerContext) -> None:
    """Its place and hash move with every push, so they are held against the records themselves."""
    for values in ({"head_seq": 1}, {"head_seq": 9}, {"head_seq": 0}, {"head_hash": "x"}):
        with reading(told.engine) as conn:
            row = dict(conn.execute(select(devices)).one()._mapping)
        _by_hand(told, update(devices).values(values))
        assert _found(told) == [("device_log", "devices")]
        _by_hand(told, update(devices).values({name: row[name] for name in values}))
    assert _found(told) == []


def test_two_at_once_leave_no_gap(told: ServerContext) -> None:
    """Many writers at once: every line has its own place, and the tree is the one that they make."""

    def work(number: int) -> None:
        for _ in range(5):
            with writing(told.engine) as conn:
                record(conn, at=told.clock.now(), actor=f"w{number}", action="test", subject="-")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert _found(told) == []


_APPEND = """
import sys
from server.context import open_server
from server.workflow.tell_reads import note_read
ctx = open_server(sys.argv[1])
for _ in range(20):
    note_read(ctx, "case.shown", ["C-1"], by="Li")
"""


def test_two_processes_at_once_leave_no_gap(told: ServerContext) -> None:
    """Two programs add lines at the same time; each line has its own place in one tree."""
    before = verify_audit(told).size
    home = str(told.config.home)
    running = [subprocess.Popen([sys.executable, "-c", _APPEND, home]) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]
    report = verify_audit(told)
    assert (report.findings, report.size) == ((), before + 40)


def _write_and_fail(server: ServerContext) -> None:
    with writing(server.engine) as conn:
        record(conn, at=server.clock.now(), actor="Li", action="test", subject="-")
        raise LookupError


def test_a_write_that_fails_leaves_no_line(told: ServerContext) -> None:
    """The line is in the transaction of what it tells of."""
    before = verify_audit(told).size
    with pytest.raises(LookupError):
        _write_and_fail(told)
    assert verify_audit(told).size == before


def test_a_pull_of_a_case_is_a_line(told: ServerContext, device: FieldDevice) -> None:
    """Which device read which case stands in the log, once for each page that brought it."""
    device.sync()
    device.sync()
    with reading(told.engine) as conn:
        lines = conn.execute(select(audit).where(audit.c.action == "case.pulled")).all()
    # What the fixture pushed brought the first page; the first sync read it again from the start.
    assert {(line.actor, line.subject) for line in lines} == {(device.device_id, "E1001")}
    assert [line.detail for line in lines] == ['{"cases":["C-1"]}'] * 2


def test_a_proof_holds_for_its_own_heads_alone(told: ServerContext, tmp_path: Path) -> None:
    """A line's proof and a log's growth lead to the published heads; a changed line leads nowhere."""
    path = tmp_path / "heads.jsonl"
    now, key = told.clock.now(), told.keys.audits[0]
    first = publish_head(told.engine, key, path, now)
    with writing(told.engine) as conn:
        record(conn, at=now, actor="Li", action="test", subject="X-1")
    publish_head(told.engine, key, path, now)
    heads = [head for head in heads_in(path) if head]
    proof = prove_line(told, newest_line_of(told, "X-1"))
    assert holds(proof, heads)
    assert not holds(proof, heads[:1])
    assert proof.line is not None
    other = replace(proof, line=[*proof.line[:4], "X-2", *proof.line[5:]])
    assert not holds(other, heads)
    growth = prove_growth(told, first.size)
    assert holds(growth, heads)
    assert not holds(replace(growth, path=growth.path[1:]), heads)
    with reading(told.engine) as conn:
        op_id = conn.execute(select(operations.c.op_id)).scalars().first()
    assert holds(prove_line(told, newest_line_of(told, str(op_id))), heads)


# Referring tables go first.
_LATER_TABLES = (
    "account_roles",
    "account_codes",
    "passkeys",
    "office_sessions",
    "sign_in_steps",
    "sign_in_tries",
    "approvals",
    "glass_breaks",
    "accounts",
)


def test_a_store_from_before_the_tree_is_taken_up(told: ServerContext) -> None:
    """Lines with gaps in their numbers are numbered anew, and every row there is gets its leaf."""
    with _shell(told) as conn:
        for n in list(conn.execute(select(audit.c.n).order_by(audit.c.n.desc())).scalars()):
            conn.execute(update(audit).where(audit.c.n == n).values(n=3 * n))
        for name in _LATER_TABLES:
            conn.exec_driver_sql(f"DROP TABLE {name}")
        conn.exec_driver_sql("DROP TABLE audit_tree")
        conn.exec_driver_sql("ALTER TABLE audit DROP COLUMN leaf")
        conn.exec_driver_sql("ALTER TABLE audit DROP COLUMN rows")
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
    told.config.heads.unlink()
    migrate(told.engine)
    report = verify_audit(told)
    assert report.findings == ()
    with reading(told.engine) as conn:
        assert "rows.adopted" in conn.execute(select(audit.c.action)).scalars().all()
