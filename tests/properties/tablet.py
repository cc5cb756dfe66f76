"""A real device of the state machine: its folder, its own clock, and what the server has acknowledged to it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from agent_cli.actions.enrol import Line, enrol
from agent_cli.actions.exchange import Progress, exchange
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.keys import REQUEST_KEY, load_key
from agent_cli.remote import Remote
from fieldsync.domain.officer import Officer
from tests.device_files import PASSPHRASE
from tests.fakes import FixedClock, SeededRandomness
from tests.properties.line import URL, KilledError

# States in which the device holds a record for stored by the server.
STORED = frozenset({"sent", "accepted", "held", "in_review", "rejected"})


@dataclass(slots=True)
class SkewedClock:
    """The town's clock as one device shows it."""

    town: FixedClock
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        """What this device believes."""
        return self.town.now() + self.skew

    def monotonic_ms(self) -> int:
        """Nobody turns this one."""
        return self.town.monotonic_ms()

    def boot_id(self) -> str:
        """One boot for all of it."""
        return self.town.boot_id()


@dataclass(slots=True)
class Tablet:
    """One device; `acknowledged` are the hashes, by device id and seq, that it counts as stored."""

    home: Path
    officer: Officer
    clock: SkewedClock
    randomness: SeededRandomness
    acknowledged: dict[str, dict[int, str]] = field(default_factory=dict)
    left_behind: list[Path] = field(default_factory=list)
    copy: Path | None = None
    url: str = URL

    @contextmanager
    def open(self) -> Iterator[DeviceContext]:
        """The device as one command of the program has it; closed at the end, as a command ends."""
        with open_device(Options(home=str(self.home))) as ctx:
            yield replace(ctx, clock=self.clock, randomness=self.randomness)

    def do(self, action: Callable[[DeviceContext], object]) -> None:
        """One command; a process that is killed in it leaves its files as they are at that moment."""
        image = self.home.with_name(f"{self.home.name}-killed")
        try:
            with self.open() as ctx:
                try:
                    action(ctx)
                except KilledError:
                    shutil.copytree(self.home, image)
                    raise
        except KilledError:
            shutil.rmtree(self.home)
            image.rename(self.home)
        self.take_note()

    def sync(self) -> Progress:
        """One whole exchange."""
        done: list[Progress] = []
        self.do(lambda ctx: done.append(exchange(ctx, self.remote(ctx), lambda _done: None)))
        return done[0] if done else Progress()

    def remote(self, ctx: DeviceContext) -> Remote:
        """The server as this device reaches it."""
        key = load_key(ctx.keys, REQUEST_KEY)
        own = (ctx.identity.device_id, key, ctx.clock, ctx.randomness)
        # A busy server is asked again at once: the day has no time to wait in.
        return Remote(self.url, *own, timeout_s=5, wait=lambda _seconds: None)

    def take_note(self) -> None:
        """Remember what the device holds for stored; a place in the log never gets another hash so."""
        with self.open() as ctx:
            known = self.acknowledged.setdefault(ctx.identity.device_id, {})
            for row in ctx.conn.execute("SELECT seq, hash, state FROM journal").fetchall():
                if row["state"] in STORED:
                    assert known.setdefault(row["seq"], row["hash"]) == row["hash"]

    def back_up(self) -> None:
        """Copy the folder, as a person might."""
        self.copy = self.home.with_name(f"{self.home.name}-copy")
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.home, self.copy)

    def put_back(self) -> None:
        """Put the older copy in place of the folder."""
        if self.copy is not None:
            shutil.rmtree(self.home)
            shutil.copytree(self.copy, self.home)

    def join(self, code: str) -> None:
        """Enrol."""
        enrol(self.home, URL, code, PASSPHRASE, Line(5))

    def begin_anew(self, code: str) -> None:
        """Enrol again in another folder; the old one stays as it is."""
        self.left_behind.append(self.home)
        self.home = self.home.with_name(f"{self.home.name}+")
        self.copy = None
        self.join(code)
