"""A device with a day's work in hand and a server beside it, which can be put back to where they stood."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import func, select, update

from agent_cli.actions import agree as agreeing
from agent_cli.actions import visit as visits
from agent_cli.actions.attempt import attempt
from agent_cli.actions.disclose import disclose
from agent_cli.actions.exchange import Progress
from agent_cli.actions.quote import quote_case
from agent_cli.actions.talk import remote_of
from agent_cli.context import DeviceContext, open_device
from agent_cli.store import applying, cases
from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.agreements.terms import terms_of
from fieldsync.domain.agreement import PlanKind
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.domain.visit import OutcomeCode
from fieldsync.sync.digest import Digest, digest_of
from server.store import tables
from server.store.cases import save_bank_parts
from server.store.engine import writing
from server.store.feed import publish
from server.workflow.share_cases import share_cases
from tests.agent_cli.bank import Bank, enrolled, open_bank
from tests.agent_cli.made_up import ANA, SIGNERS, Device, at, make_case
from tests.device_files import database_of
from tests.fakes import FixedClock, SeededRandomness
from tests.lines.proxy import Proxy

CASE = "C-000001"
LEAVING = "C-000004"
_NAME_THAT_LEAVES = b"Wang Wei"
_DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    b'<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)
# What a record may be before and after the server has answered; it never goes back.
_KEPT_TABLES = ("mirror", "visits", "local_holds", "agreements", "revisions", "search")
_COUNTED = (
    "operations", "attachments", "forks", "visits", "disclosures", "agreements", "holds",
    "agent_feed", "quarantine", "early_operations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device holds: records with their states, what it shows, and the cursor."""

    journal: tuple[tuple[int, str, str], ...]
    shown: tuple[tuple[object, ...], ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a server holds: rows of each table, each record with its outcome, and the feed's digest."""

    counts: tuple[tuple[str, int], ...]
    operations: tuple[tuple[int, str, str, str], ...]
    digest: Digest


@dataclass(slots=True)
class Worksite:
    """One device, one server, the line between them, and copies of both as they were."""

    bank: Bank
    device: Device
    proxy: Proxy
    copies: Path
    exchanges: int = 0

    def save(self) -> None:
        """Copy both sides as they stand."""
        _fold(database_of(self.device.home))
        shutil.copytree(self.device.home, self.copies / "device")
        self.bank.ctx.engine.dispose()
        _fold(sqlite3.connect(self.bank.home / "fieldsync.db"))
        shutil.copytree(self.bank.home, self.copies / "server")

    def put_back(self) -> None:
        """Both sides as they were when they were saved."""
        self.proxy.settle()
        self.bank.ctx.engine.dispose()
        for home, copy in ((self.device.home, "device"), (self.bank.home, "server")):
            shutil.rmtree(home)
            shutil.copytree(self.copies / copy, home)

    @contextmanager
    def opened(self, seed: str = "device") -> Iterator[DeviceContext]:
        """The device with a clock that stands still and randomness that repeats."""
        with open_device(self.device.options) as ctx:
            yield replace(ctx, clock=FixedClock(at(10)), randomness=SeededRandomness(seed))

    def exchange(self, *, through_line: bool, timeout_s: int = 20) -> Progress:
        """One exchange, over the line or past it; without a second try at a busy server."""
        self.exchanges += 1
        # Over the line every byte is the same each time; past it no nonce may come twice.
        seed = "line" if through_line else f"past the line, {self.exchanges}"
        with self.opened(seed) as ctx:
            url = self.proxy.url if through_line else self.bank.url
            remote = replace(remote_of(ctx), url=url, timeout_s=timeout_s, wait=_no_wait)
            return attempt(ctx, remote, lambda _done: None, wait_s=0)

    def device_state(self) -> DeviceState:
        """What the device holds; its database must be whole."""
        with closing(database_of(self.device.home)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
            journal = conn.execute("SELECT seq, hash, state FROM journal ORDER BY seq").fetchall()
            shown = tuple(
                (name, *row)
                for name in _KEPT_TABLES
                for row in conn.execute(f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608 - our own names
            )
            cursor = conn.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return DeviceState(tuple(journal), shown, cursor[0])

    def server_state(self) -> ServerState:
        """What the server holds, without the ids and times it gave out itself."""
        operations = tables.operations
        with self.bank.ctx.engine.connect() as conn:
            counts = tuple(
                (name, conn.execute(select(func.count()).select_from(table)).scalar_one())
                for name in _COUNTED
                for table in (tables.metadata.tables[name],)
            )
            found = conn.execute(
                select(operations.c.seq, operations.c.op_id, operations.c.hash, operations.c.outcome)
                .order_by(operations.c.device_id, operations.c.seq)
            ).all()  # fmt: skip
            feed = tables.agent_feed
            rows = conn.execute(
                select(feed.c.key, feed.c.version).where(
                    feed.c.agent == ANA.officer_id, feed.c.op == "PUT"
                )
            ).all()
        return ServerState(
            counts, tuple(tuple(row) for row in found), digest_of(tuple(row) for row in rows)
        )

    def agree(self) -> None:
        """G1 to G5 between the two: every record there once, applied, digests equal, nothing left behind."""
        device, server = self.device_state(), self.server_state()
        assert [(seq, own) for seq, own, _state in device.journal] == [
            (seq, own) for seq, _id, own, _outcome in server.operations
        ]
        assert {state for _seq, _hash, state in device.journal} == {"accepted"}
        assert {outcome for *_rest, outcome in server.operations} == {"accepted"}
        counts = dict(server.counts)
        assert (counts["forks"], counts["quarantine"], counts["early_operations"]) == (0, 0, 0)
        assert (counts["visits"], counts["disclosures"], counts["agreements"]) == (1, 1, 1)
        with self.opened() as ctx:
            assert applying.live_digest(ctx.conn) == server.digest
        assert _NAME_THAT_LEAVES not in (self.device.home / "field.db").read_bytes()


def _no_wait(_seconds: float) -> None:
    """A busy server is not given time here."""


def _fold(database: sqlite3.Connection) -> None:
    """Everything of the write-ahead log into the file itself, so that it can be copied."""
    with closing(database) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def open_worksite(folder: Path) -> Iterator[Worksite]:
    """Ana's device, synced in the morning, with a visit, a note, a disclosure and a signed plan since.

    At the office one case has changed and another was given to somebody else.
    """
    folder.mkdir(exist_ok=True)
    with open_bank(folder / "bank") as bank:
        device = enrolled(bank, folder / "ana", ANA)
        bank.stop()
        bank.ctx = replace(
            bank.ctx, clock=FixedClock(at(10)), randomness=SeededRandomness("server")
        )
        bank.start()
        with Proxy(bank.port) as proxy:
            site = Worksite(bank, device, proxy, folder / "copies")
            site.exchange(through_line=False)
            _work(site)
            _change_at_the_office(bank)
            site.save()
            yield site


def _work(site: Worksite) -> None:
    with open_device(site.device.options) as opened:
        ctx = replace(opened, clock=FixedClock(at(10)), randomness=SeededRandomness("work"))
        case = cases.load_case(ctx.conn, CASE)
        visits.start(ctx, case, case.addresses[0], ("O-0001", "O-0002"), SIGNERS)
        visits.note(ctx, cases.load_case(ctx.conn, CASE), "gate code 4", left_behind=False)
        disclose(ctx, Disclosure("D-1", CASE, None, at(10), "debtor", (Need.TIME,)))
        case = cases.load_case(ctx.conn, CASE)
        terms = terms_of(PlanKind.INTEREST_FREE, 3, date(2026, 12, 25), None, HOUSE_MANDATE)
        table = agreeing.sit_down(ctx, case, None)
        agreeing.sign(ctx, case, quote_case(ctx, case, terms), table, _DRAWING)
        case = cases.load_case(ctx.conn, CASE)
        visits.finish(ctx, case, OutcomeCode.HARDSHIP, identity_shown=True, promise=None)


def _change_at_the_office(bank: Bank) -> None:
    now = bank.ctx.clock.now()
    case = make_case(2)
    changed = replace(case, version=2, borrower=replace(case.borrower, name="李桂芬"))
    with writing(bank.ctx.engine) as conn:
        save_bank_parts(conn, [changed], now)
        conn.execute(
            update(tables.assignments)
            .where(tables.assignments.c.case_id == LEAVING)
            .values(until=now)
        )
        publish(conn, share_cases(conn, [changed.case_id, LEAVING]), now)
