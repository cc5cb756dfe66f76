"""Any order of work, lost replies and repeats: nothing acknowledged is lost or doubled, and all copies agree."""

import contextlib
import dataclasses
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.officer import Officer
from fieldsync.schemas.sync import SyncResponseSchema
from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.messages import SyncResponse
from fieldsync.sync.outcome import OutcomeKind
from server.app import create_app
from server.context import ServerContext, open_server
from server.store.assignments import assign, end_assignment, officers_of
from server.store.cases import add_hold, save_bank_parts
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.operations import find_operations
from server.store.tables import disclosures, holds, officers, operations, visits
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.review_operations import decide
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.case_files import case_file, disclosure, visit_finish, visit_start
from tests.server.field_device import FieldDevice

ANA, BEN = Officer("E1001", "Ana", "SZ-NANSHAN"), Officer("E1002", "Ben", "SZ-NANSHAN")
OWNERS = (ANA, ANA, BEN)
CASES = ("C-1", "C-2", "C-9")  # the last is one that nobody knows
DEVICES = st.integers(0, len(OWNERS) - 1)
WORK = st.tuples(
    st.sampled_from(("start", "finish", "disclose", "note")), DEVICES, st.integers(0, 2)
)
TALK = st.tuples(st.sampled_from(("sync", "lose", "repeat")), DEVICES, st.integers(0, 2))
OFFICE = st.tuples(
    st.sampled_from(("hold", "swap", "accept", "refuse")), DEVICES, st.integers(0, 1)
)


@dataclass(slots=True)
class Copy:
    """A device with what it mirrored, and how much of its log was acknowledged to it."""

    device: FieldDevice
    rows: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    began: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, answer: SyncResponse) -> None:
        """Apply a page; after the last one both sides must hold the same."""
        assert all(result.outcome.kind in OutcomeKind for result in answer.results)
        self.acknowledged = json.loads(answer.receipt.body)["head_seq"]
        for row in answer.changes:
            if row.op is FeedOp.PUT:
                self.rows[row.key] = row.version
            else:
                self.rows.pop(row.key, None)
        self.device.cursor = answer.cursor
        if answer.complete:
            assert answer.digest == digest_of(self.rows.items())

    def sync(self) -> None:
        """Send what is not acknowledged, and pull until nothing is left."""
        complete = False
        while not complete:
            answer = self.exchange(self.acknowledged)
            self.take(answer)
            complete = answer.complete

    def exchange(self, since: int) -> SyncResponse:
        """One exchange with the log from a place on."""
        reply = self.device.push(*self.device.journal[since:], cursor=self.device.cursor)
        assert reply.status_code == 200, reply.get_data(as_text=True)
        answer: SyncResponse = SyncResponseSchema().load(reply.get_json())
        return answer


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server with two officers and two cases, set up once and copied for each example."""
    home = tmp_path_factory.mktemp("template") / "bank"
    initialise(home, training=False)
    ctx = open_server(str(home))
    with writing(ctx.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ANA, BEN)])
        save_bank_parts(conn, [case_file("C-1"), case_file("C-2")], _start())
        assign(conn, ctx.new_id(), "C-1", ANA.officer_id, _start())
        assign(conn, ctx.new_id(), "C-1", BEN.officer_id, _start())
        assign(conn, ctx.new_id(), "C-2", BEN.officer_id, _start())
        publish(conn, share_cases(conn, ["C-1", "C-2"]), _start())
    ctx.engine.dispose()
    return home


def _start() -> datetime:
    return datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@contextlib.contextmanager
def _world(template: Path) -> Iterator[tuple[ServerContext, list[Copy]]]:
    """A fresh server with three enrolled devices; pages of the feed hold two rows."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        home = Path(folder) / "bank"
        shutil.copytree(template, home)
        clock = FixedClock(_start())
        ctx = dataclasses.replace(open_server(str(home)), clock=clock)
        client = create_app(ctx).test_client()
        patched.setattr("server.workflow.serve_changes.PAGE_ROWS", 2)
        copies = []
        for place, owner in enumerate(OWNERS):
            code, _until = make_code(ctx, owner.officer_id, timedelta(hours=1))
            device = FieldDevice(client, clock, f"device-{place}")
            assert device.enrol(code).status_code == 200
            copies.append(Copy(device))
        try:
            yield ctx, copies
        finally:
            ctx.engine.dispose()


def _work(copy: Copy, what: str, case_id: str) -> None:
    device = copy.device
    if what == "start":
        visit_id = device.new_id()
        operation = device.record("visit.start", case_id, visit_start(visit_id, "E1001", "E1002"))
        copy.began.append((visit_id, case_id, operation.op_id))
    elif what == "finish" and copy.began:
        visit_id, begun, op_id = copy.began.pop()
        outcome = ("NOBODY", "DISPUTE", "MET_SPOUSE")[CASES.index(case_id)]
        finish = visit_finish(visit_id, outcome)
        device.record("visit.finish", begun, finish, depends_on=(op_id,))
    elif what == "disclose":
        told = disclosure(device.new_id(), case_id, device.clock.now())
        device.record("hardship.disclose", case_id, told)
    else:
        device.record("visit.note", case_id, {"visit_id": "V", "text": "a remark"})


def _talk(copy: Copy, what: str, back: int) -> None:
    if what == "sync":
        copy.sync()
    elif what == "lose":
        copy.exchange(copy.acknowledged)
    else:
        copy.exchange(max(0, copy.acknowledged - back))


def _office(ctx: ServerContext, what: str, owner: Officer, case_id: str) -> None:
    now = ctx.clock.now()
    if what in {"accept", "refuse"}:
        with reading(ctx.engine) as conn:
            waiting = find_operations(conn, [OutcomeKind.IN_REVIEW])
        if waiting:
            op_id = waiting[0].operation.op_id
            decide(ctx, op_id, accept=what == "accept", reason="looked at", by="ben")
        return
    with writing(ctx.engine) as conn:
        if what == "hold":
            add_hold(conn, case_id, Hold(ctx.new_id(), HoldKind.OFFICE, now))
        elif owner.officer_id in officers_of(conn, [case_id]).get(case_id, ()):
            end_assignment(conn, case_id, owner.officer_id, now)
        else:
            assign(conn, ctx.new_id(), case_id, owner.officer_id, now)
        publish(conn, share_cases(conn, [case_id]), now)


def _check(ctx: ServerContext, copies: list[Copy]) -> None:
    """What must hold of the store once every device has synced."""
    with reading(ctx.engine) as conn:
        rows = conn.execute(select(operations)).all()
        stored = {(row.device_id, row.seq): row for row in rows}
        began = conn.execute(select(visits.c.visit_id)).scalars().all()
        told = conn.execute(select(disclosures.c.op_id)).scalars().all()
        stopped = set(conn.execute(select(holds.c.hold_id)).scalars())
    for copy in copies:
        journal = copy.device.journal
        assert copy.acknowledged == len(journal)
        for seq, signed in enumerate(journal, 1):
            assert stored.pop((copy.device.device_id, seq)).body == signed.body
    assert stored == {}
    accepted = Counter(row.kind for row in rows if row.outcome == OutcomeKind.ACCEPTED.value)
    assert {row.outcome for row in rows} <= {kind.value for kind in OutcomeKind}
    assert accepted["visit.start"] == len(began)
    assert sorted(told) == sorted(
        row.op_id for row in rows if (row.kind, row.outcome) == ("hardship.disclose", "accepted")
    )
    hardships = {r.op_id for r in rows if r.kind == "hardship.disclose" and r.case_id != "C-9"}
    assert hardships <= stopped


@settings(max_examples=25)
@given(script=st.lists(st.one_of(WORK, WORK, TALK, OFFICE), max_size=20))
def test_copies_agree_whatever_happens(template: Path, script: list[tuple[str, int, int]]) -> None:
    """G1, G4, G6: after the last sync every record has one outcome, and every copy its agent's digest."""
    with _world(template) as (ctx, copies):
        for what, place, number in script:
            if what in {"start", "finish", "disclose", "note"}:
                _work(copies[place], what, CASES[number])
            elif what in {"sync", "lose", "repeat"}:
                _talk(copies[place], what, number)
            else:
                _office(ctx, what, OWNERS[place], CASES[number])
        for copy in copies * 2:
            copy.sync()
        _check(ctx, copies)
        assert copies[0].rows == copies[1].rows
