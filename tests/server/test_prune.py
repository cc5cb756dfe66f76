"""Pruning forgets old removals and decided results, and every device that comes back still agrees."""

import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from fieldsync.domain.officer import Officer
from fieldsync.sync.cursor import Cursor, open_cursor, seal_cursor
from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import PAGE_ROWS, SyncResponse
from fieldsync.terminal.run import run
from server.app import create_app
from server.cli import build_group
from server.context import ServerContext, open_server
from server.store.assignments import end_assignment
from server.store.engine import reading, writing
from server.store.feed import AgentChange, publish, state_of
from server.store.tables import agent_feed, nonces, officers, operations
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.prune_feed import Pruned, prune
from server.workflow.review_operations import decide
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.case_files import visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

ANA = Officer("E1001", "Ana", "SZ-NANSHAN")


@dataclass(slots=True)
class Mirror:
    """A device that holds rows, and takes them anew where its cursor is refused."""

    device: FieldDevice
    rows: dict[str, int] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def sync(self) -> None:
        """Pull until complete; the digest must prove what is held."""
        for _page in range(20):
            answer = self.device.push(cursor=self.device.cursor)
            if answer.status_code == 410:
                self.refusals.append(answer.get_json()["code"])
                self.device.cursor = None
                continue
            if self.device.cursor is None:
                self.rows.clear()
            if self._take(self.device.sync()):
                return
        raise AssertionError("the pull never ends")

    def _take(self, response: SyncResponse) -> bool:
        for row in response.changes:
            self.rows.pop(row.key, None)
            if row.op is FeedOp.PUT:
                self.rows[row.key] = row.version
        if response.complete:
            assert response.digest == digest_of(self.rows.items())
        return response.complete


def put(ctx: ServerContext, *keys: str, op: FeedOp = FeedOp.PUT, version: int = 1) -> None:
    """Tell Ana's devices of some rows."""
    body: dict[str, str] | None = {} if op is FeedOp.PUT else None
    rows = [AgentChange(ANA.officer_id, FeedRow(key, op, version, body)) for key in keys]
    with writing(ctx.engine) as conn:
        publish(conn, rows, ctx.clock.now())


def take_away(ctx: ServerContext, case_id: str) -> None:
    """The case is nobody's any more."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        end_assignment(conn, case_id, ANA.officer_id, now)
        publish(conn, share_cases(conn, [case_id]), now)


def removed_rows(ctx: ServerContext) -> int:
    """How many removals are remembered."""
    query = select(func.count()).select_from(agent_feed).where(agent_feed.c.op == "REMOVE")
    with reading(ctx.engine) as conn:
        return conn.execute(query).scalar() or 0


def test_old_removals_go_and_the_floor_rises(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, clock: FixedClock
) -> None:
    """Not one day before the ninetieth; then a cursor from before is refused, one from after goes on."""
    early, late = Mirror(device), Mirror(dataclasses.replace(device))
    _same_keys(device, late.device)
    give(ana)
    early.sync()
    take_away(staffed, "C-1")
    late.sync()
    clock.go_on(days=89)
    assert prune(staffed).removals == 0
    clock.go_on(days=2)
    assert prune(staffed).removals == 1
    assert (removed_rows(staffed), prune(staffed).removals) == (0, 0)
    late.sync()
    early.sync()
    assert (early.refusals, late.refusals) == (["410.4"], [])
    assert early.rows == late.rows
    assert "case:C-1" not in early.rows


def _same_keys(device: FieldDevice, other: FieldDevice) -> None:
    """The copy asks as the same device, with requests of its own."""
    other.randomness = type(device.randomness)("another day")
    for name in ("device_id", "request_key", "operation_key", "head"):
        setattr(other, name, getattr(device, name))


def test_a_long_reading_from_nothing_is_not_refused(
    staffed: ServerContext, device: FieldDevice, clock: FixedClock
) -> None:
    """Old rows lie below the floor: a device that fetches everything in pages gets through all the same."""
    put(staffed, *(f"case:C-{n}" for n in range(PAGE_ROWS + 50)))
    put(staffed, "case:X", op=FeedOp.REMOVE)
    clock.go_on(days=91)
    prune(staffed)
    mirror = Mirror(device)
    mirror.sync()
    assert mirror.refusals == []
    assert len(mirror.rows) > PAGE_ROWS


def test_a_reading_from_nothing_that_pruning_overtakes_begins_again(
    staffed: ServerContext, device: FieldDevice, clock: FixedClock
) -> None:
    """Between two pages a row it has was removed and the removal pruned: it may not go on."""
    put(staffed, *(f"case:C-{n}" for n in range(PAGE_ROWS + 50)))
    mirror = Mirror(device)
    mirror._take(device.sync())
    put(staffed, "case:C-1", op=FeedOp.REMOVE)
    put(staffed, "case:Y")
    clock.go_on(days=91)
    prune(staffed)
    mirror.sync()
    assert mirror.refusals == ["410.4"]
    assert "case:C-1" not in mirror.rows


def test_results_decided_long_ago_leave_the_devices(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, clock: FixedClock
) -> None:
    """A refused record's result goes after 90 days, by a removal; one that waits for a person stays."""
    give(ana)
    night = clock.now().replace(hour=23)
    ids = [
        device.record("visit.start", "C-1", visit_start(f"V-{n}", "E1001", "E1002"), at=night).op_id
        for n in range(2)
    ]
    device.sync()
    decide(staffed, ids[0], accept=False, reason="after hours", by="ben")
    device.journal.clear()
    mirror = Mirror(device)
    mirror.device.cursor = None
    mirror.sync()
    assert {f"op_result:{op_id}" for op_id in ids} <= mirror.rows.keys()
    clock.go_on(days=91)
    assert prune(staffed).results == 1
    mirror.sync()
    assert mirror.refusals == []
    assert f"op_result:{ids[0]}" not in mirror.rows
    assert f"op_result:{ids[1]}" in mirror.rows
    with reading(staffed.engine) as conn:
        assert len(conn.execute(select(operations)).all()) == 2
    clock.go_on(days=91)
    assert prune(staffed).removals == 1


def test_nonces_that_cannot_come_again_go(
    staffed: ServerContext, device: FieldDevice, clock: FixedClock
) -> None:
    """After a quarter of an hour a repeated request is too old anyway."""
    device.sync()
    clock.go_on(minutes=16)
    assert prune(staffed).nonces >= 1
    with reading(staffed.engine) as conn:
        assert conn.execute(select(nonces)).all() == []


def test_much_is_pruned_in_steps(staffed: ServerContext, clock: FixedClock) -> None:
    """More agents than one transaction takes: each has its own floor afterwards."""
    agents = [f"A-{n:04}" for n in range(450)]
    rows = [AgentChange(a, FeedRow(f"case:{k}", FeedOp.REMOVE, 1)) for a in agents for k in "xy"]
    with writing(staffed.engine) as conn:
        publish(conn, rows, clock.now())
    clock.go_on(days=91)
    assert prune(staffed) == Pruned(removals=900, results=0, nonces=0)
    with reading(staffed.engine) as conn:
        assert {state_of(conn, agent).floor for agent in agents} == {2}


def test_the_command_says_what_went(
    staffed: ServerContext, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, and as JSON with stable keys."""
    put(staffed, "case:X", op=FeedOp.REMOVE)
    home = str(staffed.config.home)
    assert _call(home, "prune") == 0
    assert "Forgotten: 0 removed rows" in capsys.readouterr().out
    assert _call(home, "prune", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"removals": 0, "results": 0, "nonces": 0}


def _call(home: str, *args: str) -> int:
    return run(build_group, ["--home", home, *args], language="en", program="fieldsync-server")


def test_a_cursor_remembers_where_its_reading_began() -> None:
    """While pages lie below the floor the cursor carries it; afterwards it is as short as ever."""
    key = b"k" * 32
    below, above = Cursor("e", "a", 5, clear_to=9), Cursor("e", "a", 12, clear_to=9)
    assert open_cursor(seal_cursor(below, key), key) == below
    assert open_cursor(seal_cursor(above, key), key) == Cursor("e", "a", 12)
    assert [below.misses(floor) for floor in (0, 9, 10)] == [False, False, True]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("put", "remove")), st.integers(0, 5)),
        st.tuples(st.just("sync"), st.integers(0, 1)),
        st.tuples(st.sampled_from(("wait", "prune")), st.integers(1, 60)),
    ),
    max_size=30,
)


@settings(max_examples=40)
@given(steps=STEPS)
def test_whoever_comes_back_agrees(steps: list[tuple[str, int]]) -> None:
    """Any order of changes, waits and pruning: after its sync each device has the server's digest."""
    with _server() as (ctx, clock, mirrors):
        versions = dict.fromkeys(range(6), 0)
        for what, number in steps:
            if what == "put":
                versions[number] += 1
                put(ctx, f"case:C-{number}", version=versions[number])
            elif what == "remove":
                put(ctx, f"case:C-{number}", op=FeedOp.REMOVE, version=versions[number])
            elif what == "sync":
                mirrors[number].sync()
            elif what == "wait":
                clock.go_on(days=number)
            else:
                prune(ctx)
        for mirror in mirrors:
            mirror.sync()
        assert mirrors[0].rows == mirrors[1].rows


@contextlib.contextmanager
def _server() -> Iterator[tuple[ServerContext, FixedClock, list[Mirror]]]:
    """A server of this example alone, with two devices of Ana's."""
    clock = FixedClock(datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    with tempfile.TemporaryDirectory() as folder:
        initialise(Path(folder) / "bank", training=False)
        ctx = dataclasses.replace(open_server(str(Path(folder) / "bank")), clock=clock)
        with writing(ctx.engine) as conn:
            conn.execute(insert(officers), [dataclasses.asdict(ANA)])
        client = create_app(ctx).test_client()
        mirrors = []
        for name in ("one", "two"):
            device = FieldDevice(client, clock, name)
            device.enrol(make_code(ctx, ANA.officer_id, timedelta(hours=1))[0])
            mirrors.append(Mirror(device))
        try:
            yield ctx, clock, mirrors
        finally:
            ctx.engine.dispose()
