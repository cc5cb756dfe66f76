"""G8: a server restored from an older backup gets back from its devices what it lost, without help."""

import dataclasses
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from fieldsync.domain.check import Level
from fieldsync.domain.officer import Officer
from fieldsync.schemas.sync import SyncResponseSchema
from fieldsync.sync.digest import digest_of
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.messages import SyncResponse
from server.app import create_app
from server.context import ServerContext
from server.store.cases import load_case, save_bank_parts
from server.store.engine import reading, writing
from server.store.epochs import past_epochs
from server.store.feed import publish
from server.store.meta import epoch_of
from server.store.tables import audit, operations
from server.workflow.examine_sync import check_epoch
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.backups import Backups
from tests.server.case_files import case_file, disclosure
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


@dataclass(slots=True)
class Copy:
    """A device that keeps its newest receipt and its rows, and sends only what is not acknowledged."""

    device: FieldDevice
    receipt: dict[str, str] | None = None
    acknowledged: int = 0
    rows: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Record a remark."""
        self.device.record("visit.note", "C-1", {"visit_id": "V-1", "text": text})

    def ask(self) -> tuple[int, Any]:
        """One request; status and answer."""
        pending = self.device.journal[self.acknowledged :]
        message = {
            "device_id": self.device.device_id,
            "cursor": self.device.cursor,
            "operations": [dataclasses.asdict(one) for one in pending],
            "receipt": self.receipt,
        }
        answer = self.device.post("/api/v1/sync", message)
        return answer.status_code, answer.get_json()

    def take(self, told: Any) -> SyncResponse:
        """Believe an answer: what the receipt does not cover any more is to be sent again."""
        response: SyncResponse = SyncResponseSchema().load(told)
        self.receipt = told["receipt"]
        self.acknowledged = json.loads(response.receipt.body)["head_seq"]
        if self.device.cursor is None:
            self.rows.clear()
        self.device.cursor = response.cursor
        for row in response.changes:
            self.rows.pop(row.key, None)
            if row.op is FeedOp.PUT:
                self.rows[row.key] = (row.version, row.body)
        return response

    def sync(self) -> int:
        """Exchange until both sides have everything; how often the cursor was refused."""
        refused = 0
        for _round in range(6):
            status, told = self.ask()
            if status == 410:
                refused += 1
                self.device.cursor = None
            elif status == 409:
                assert told["code"] == "409.41", told
                self.acknowledged = told["head_seq"]
            else:
                assert status == 200, told
                response = self.take(told)
                if response.complete and self.acknowledged == len(self.device.journal):
                    live = ((key, version) for key, (version, _body) in self.rows.items())
                    assert response.digest == digest_of(live)
                    return refused
        raise AssertionError("the exchange never ends")


@pytest.fixture
def backups(staffed: ServerContext, request: pytest.FixtureRequest) -> Iterator[Backups]:
    """Backups of the staffed server."""
    yield Backups(staffed, lambda: request.getfixturevalue("cluster"))
    staffed.engine.dispose()


@pytest.fixture
def hers(enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer) -> Copy:
    """Ana's device; the case is Ana's and Ben's."""
    give(ana, ben)
    return Copy(enrolled(ana, "ana"))


@pytest.fixture
def his(enrolled: DeviceMaker, ben: Officer) -> Copy:
    """Ben's device."""
    return Copy(enrolled(ben, "ben"))


def hashes(ctx: ServerContext, copy: Copy) -> list[str]:
    """The device's log as the store holds it."""
    with reading(ctx.engine) as conn:
        query = select(operations.c.body).where(operations.c.device_id == copy.device.device_id)
        return list(conn.execute(query.order_by(operations.c.seq)).scalars())


def epochs(ctx: ServerContext) -> tuple[str, int, int]:
    """The present epoch, how many came before, and how often a restore was noticed."""
    with reading(ctx.engine) as conn:
        noticed = conn.execute(select(audit).where(audit.c.action == "store.restored")).all()
        return epoch_of(conn), len(past_epochs(conn)), len(noticed)


def test_everything_acknowledged_comes_back(
    staffed: ServerContext, backups: Backups, hers: Copy, his: Copy, clock: FixedClock
) -> None:
    """Work, a backup, more work, the backup put back: after each device's sync all of it is there again."""
    hers.note("before")
    hers.sync()
    his.sync()
    before = epochs(staffed)[0]
    put_back = backups.take()
    clock.go_on(hours=1)
    hers.note("after the backup")
    told = disclosure(his.device.new_id(), "C-1", clock.now())
    his.device.record("hardship.disclose", "C-1", told)
    hers.sync()
    his.sync()
    hers.note("never sent")
    put_back()
    assert len(hashes(staffed, hers)) == 1
    clock.go_on(hours=1)
    assert [hers.sync(), his.sync()] == [1, 1]
    epoch, past, noticed = epochs(staffed)
    assert epoch != before
    assert (past, noticed) == (1, 1)
    for copy in (hers, his):
        assert hashes(staffed, copy) == [one.body for one in copy.device.journal]
    with reading(staffed.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    assert [hold.kind.value for hold in case.holds] == ["hardship"]
    assert [hers.sync(), his.sync(), hers.sync()] == [0, 0, 0]
    assert hers.rows["case:C-1"] == his.rows["case:C-1"]
    assert epochs(staffed) == (epoch, past, noticed)


def test_the_same_version_with_other_content_is_fetched_anew(
    staffed: ServerContext, backups: Backups, hers: Copy, clock: FixedClock
) -> None:
    """A device that only read after the backup proves it too: versions are counted again from there."""
    copy = hers
    copy.sync()
    put_back = backups.take()
    clock.go_on(minutes=5)
    _restate(staffed, principal=900_000)
    copy.sync()
    lost = copy.rows["case:C-1"]
    put_back()
    clock.go_on(minutes=5)
    _restate(staffed, principal=700_000)
    assert copy.sync() == 1
    version, body = copy.rows["case:C-1"]
    assert (version, body["loan"]["principal"]["amount_minor"]) == (lost[0], 700_000)


def _restate(ctx: ServerContext, principal: int) -> None:
    """The bank tells another sum."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        save_bank_parts(conn, [case_file(version=2, principal=principal)], now)
        publish(conn, share_cases(conn, ["C-1"]), now)


def test_a_second_restore_is_noticed_too(
    staffed: ServerContext, backups: Backups, hers: Copy, clock: FixedClock
) -> None:
    """To a backup of the new life, and to one from before it: each is told from the receipt."""
    hers.note("one")
    hers.sync()
    first = backups.take()
    for step, put_back in (("two", first), ("three", None), ("four", first)):
        clock.go_on(minutes=10)
        again = put_back or backups.take()
        hers.note(step)
        hers.sync()
        clock.go_on(minutes=10)
        again()
        assert hers.sync() == 1
        assert hashes(staffed, hers) == [one.body for one in hers.device.journal]
    # The store of the first backup knows of the present life, and of the two that it lost one.
    assert epochs(staffed)[1:] == (2, 1)


def test_many_devices_begin_one_epoch(
    staffed: ServerContext,
    backups: Backups,
    enrolled: DeviceMaker,
    hers: Copy,
    ana: Officer,
    ben: Officer,
    clock: FixedClock,
) -> None:
    """All of them prove the restore at the same moment; one new epoch begins."""
    copies = [hers, *(Copy(enrolled(ana if n % 2 else ben, f"tablet {n}")) for n in range(4))]
    for copy in copies:
        copy.sync()
    put_back = backups.take()
    clock.go_on(minutes=10)
    for copy in copies:
        copy.note("after the backup")
        copy.sync()
    put_back()
    clock.go_on(minutes=10)
    app = create_app(staffed)
    start = Barrier(len(copies))

    def come(copy: Copy) -> None:
        copy.device.client = app.test_client()
        start.wait()
        copy.sync()

    with ThreadPoolExecutor(len(copies)) as pool:
        list(pool.map(come, copies))
    assert epochs(staffed)[1:] == (1, 1)
    for copy in copies:
        assert hashes(staffed, copy) == [one.body for one in copy.device.journal]


def test_a_server_that_lost_nothing_keeps_its_epoch(
    staffed: ServerContext, hers: Copy, clock: FixedClock
) -> None:
    """Lost replies, a clock of the server that is set back, the same receipt again: nothing is suspected."""
    before = epochs(staffed)
    hers.note("one")
    hers.sync()
    hers.ask()
    clock.go_on(minutes=-60)
    hers.note("two")
    hers.ask()
    status, _told = hers.ask()
    assert status == 200
    hers.sync()
    assert epochs(staffed) == before


def test_what_is_not_our_own_word_proves_nothing(
    staffed: ServerContext, hers: Copy, his: Copy, clock: FixedClock
) -> None:
    """A receipt that was changed, another device's, one that is none: all are passed over."""
    hers.sync()
    his.note("one")
    his.sync()
    before = epochs(staffed)
    assert hers.receipt is not None
    own, theirs = hers.receipt, his.receipt
    later = json.loads(own["body"]) | {"head_seq": 9, "time": clock.now().isoformat()}
    for forged in (
        theirs,
        {**own, "body": json.dumps(later)},
        {**own, "body": "{}"},
        {**own, "body": "not json"},
    ):
        hers.receipt = forged
        assert hers.ask()[0] == 200
    assert epochs(staffed) == before


def test_an_enrolment_that_was_lost_is_told_in_words(
    backups: Backups, enrolled: DeviceMaker, ana: Officer
) -> None:
    """Enrolled after the backup: the server does not know the device, and its officer learns what to do."""
    put_back = backups.take()
    copy = Copy(enrolled(ana, "new"))
    copy.note("one")
    copy.sync()
    put_back()
    status, told = copy.ask()
    assert (status, told["code"]) == (401, "401.4")
    assert "enrolment code" in told["hint"]


def test_doctor_tells_of_the_restore(
    staffed: ServerContext, backups: Backups, hers: Copy, clock: FixedClock
) -> None:
    """The epoch is named; for two weeks after a restore it is a warning that says what must be done again."""
    hers.sync()
    assert check_epoch(staffed).level is Level.OK
    put_back = backups.take()
    clock.go_on(minutes=5)
    hers.note("one")
    hers.sync()
    put_back()
    hers.sync()
    found = check_epoch(staffed)
    assert (found.level, "revoke" in str(found.advice)) == (Level.WARN, True)
    clock.go_on(days=15)
    assert check_epoch(staffed).level is Level.OK
